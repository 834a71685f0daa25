/// The look of a page: light and dark, 400 to 1600 px wide, on screen and on paper.
enum PageStyle {
  static let text = """
    :root{--ground:#fff;--ink:#16181d;--soft:#5a6270;--line:#d5d9e0;--panel:#f5f6f8;--accent:#0072b2;color-scheme:light dark}
    @media(prefers-color-scheme:dark){:root{--ground:#14161a;--ink:#e8eaee;--soft:#a4acb8;--line:#363b44;--panel:#1e2127;--accent:#56b4e9}}
    *{box-sizing:border-box}
    body{margin:0 auto;max-width:72rem;padding:1.2rem clamp(.8rem,3vw,2.5rem) 4rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:break-word}
    .skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--ground);padding:.4rem}
    a{color:var(--accent)}
    h1{font-size:1.6rem;line-height:1.2;margin:.4rem 0 .8rem}
    h2{font-size:1.2rem;margin:2.4rem 0 .6rem;border-top:1px solid var(--line);padding-top:1rem}
    .question{color:var(--soft);max-width:60rem;margin:.4rem 0}
    .answer{font-size:1.15rem;font-weight:600;max-width:60rem;border-left:4px solid var(--accent);padding:.2rem 0 .2rem .9rem;margin:1rem 0}
    nav ol{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;padding:0;margin:.6rem 0;font-size:.95rem}
    p,ul{max-width:60rem}
    figure{margin:1.2rem 0}
    figcaption,caption{font-weight:600;text-align:left;margin-bottom:.4rem;caption-side:top}
    .plot{position:relative;max-width:60rem;outline-offset:3px}
    .plot svg{width:100%;height:auto;display:block}
    .plot.drawn{min-height:24rem}.plot.drawn .twin{display:none}
    .plot:not(.drawn) canvas{display:none}
    .note{color:var(--soft);font-size:.92rem}
    details{margin:.4rem 0}summary{cursor:pointer;color:var(--accent);width:fit-content}
    .scroll{overflow-x:auto;max-width:100%;outline-offset:2px}
    table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums;margin:.3rem 0}
    th,td{padding:.22rem .7rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
    th{background:var(--panel);white-space:nowrap}td.n,th.n{text-align:right;white-space:nowrap}
    td:not(.n){max-width:40rem;min-width:4rem}td.w{min-width:24rem}
    pre{overflow-x:auto;background:var(--panel);padding:.8rem;font-size:.85rem;line-height:1.35}
    footer{margin-top:3rem;color:var(--soft);font-size:.88rem}
    @media(max-width:30rem){body{font-size:15px}th,td{padding:.2rem .4rem}.plot.drawn{min-height:20rem}}
    @media print{:root{--ground:#fff;--ink:#000;--soft:#333;--line:#999;--panel:#f3f3f3;--accent:#000}
    body{max-width:none;font-size:10.5pt;padding:0}nav,.skip,summary{display:none}figure,tr{break-inside:avoid}h2{break-after:avoid}
    .plot canvas{display:none!important}.plot.drawn{min-height:0}.plot.drawn .twin{display:block}.scroll,pre{overflow:visible;white-space:pre-wrap}}
    """
}
