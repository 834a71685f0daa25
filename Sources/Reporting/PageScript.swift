/// What turns the pictures of a page into charts with tooltips, where the library is there.
///
/// Without it, or without scripts, the pictures stay. Arrow keys move the tooltip through the points of a focused chart.
/// `window.dovetailCharts` lists the charts for tests.
enum PageScript {
  static let text = """
    (function(){"use strict";
    var all=window.dovetailCharts=[];
    if(!window.Chart)return;
    var ink=function(name){return getComputedStyle(document.documentElement).getPropertyValue(name).trim();};
    var short=function(v){if(v===0)return"0";var a=Math.abs(v);if(a>=1e9||a<1e-3)return v.toExponential(3).replace(/\\.?0+e/,"e").replace("e+","e");
    return a>=1000?Math.round(v).toLocaleString("en-US"):String(+v.toPrecision(4));};
    document.querySelectorAll("figure.chart").forEach(function(figure){
    var plot=figure.querySelector(".plot"),c=JSON.parse(figure.querySelector("script").textContent),bars=c.kind==="bars";
    var canvas=document.createElement("canvas");canvas.setAttribute("aria-hidden","true");plot.appendChild(canvas);plot.classList.add("drawn");
    if(bars)plot.style.height=Math.max(9,c.categories.length*1.7+6)+"rem",plot.style.minHeight="0";
    else plot.style.height="26rem";
    var sets=c.series.map(function(s){
    var joined=s.kind==="line"||s.kind==="step",set={label:s.name,borderColor:s.color,backgroundColor:s.color+(joined||bars?"":s.muted?"55":"bb")};
    if(bars){set.data=c.categories.map(function(){return null;});set.tips=[];s.places.forEach(function(p){set.data[p[0]]=p[1];set.tips[p[0]]=p[2];});return set;}
    set.data=s.places.map(function(p){return{x:p[0],y:p[1]};});set.tips=s.places.map(function(p){return p[2];});
    set.showLine=joined;set.stepped=s.kind==="step"?"before":false;set.borderWidth=joined?(s.muted?1.2:2):1;set.borderDash=joined?s.dash:[];
    set.order=s.muted?2:joined?1:0;
    set.pointStyle=s.mark;set.pointRadius=joined?(s.places.length>60?0:3):(s.muted?3:4.5);set.pointHitRadius=8;set.pointHoverRadius=7;return set;});
    var axis=function(a,category){var o={title:{display:true,text:a.title},grid:{},ticks:{}};
    if(category){o.type="category";o.ticks.autoSkip=false;o.ticks.callback=function(v){var t=this.getLabelForValue(v);var most=plot.clientWidth<560?16:34;return t.length>most?t.slice(0,most-1)+"\\u2026":t;};o.stacked=true;o.title.display=!!a.title;}
    else{o.type=a.log?"logarithmic":"linear";o.ticks.callback=function(v){return short(v);};o.min=a.low;o.max=a.high;
    o.afterBuildTicks=function(s){s.ticks=a.ticks.map(function(v){return{value:v};});};o.ticks.autoSkip=true;o.ticks.autoSkipPadding=12;if(bars)o.stacked=true;}return o;};
    var chart=new Chart(canvas,{type:bars?"bar":"scatter",data:{labels:bars?c.categories:undefined,datasets:sets},
    options:{animation:false,responsive:true,maintainAspectRatio:false,indexAxis:bars?"y":"x",interaction:{mode:"nearest",intersect:false},
    scales:{x:axis(c.x,false),y:axis(c.y,bars)},
    plugins:{legend:{display:sets.length>1,labels:{usePointStyle:!bars}},tooltip:{callbacks:{
    title:function(items){return items.length?items[0].dataset.label:"";},
    label:function(i){if(bars)return c.categories[i.dataIndex]+": "+short(i.parsed.x)+" "+c.x.title;
    return[c.x.title+": "+short(i.parsed.x),c.y.title+": "+short(i.parsed.y)];},
    afterLabel:function(i){return i.dataset.tips[i.dataIndex]||"";}}}}}});
    var paint=function(){["x","y"].forEach(function(k){var o=chart.options.scales[k];o.ticks.color=ink("--soft");o.title.color=ink("--ink");o.grid.color=ink("--line");});
    chart.options.plugins.legend.labels.color=ink("--ink");chart.update("none");};
    paint();matchMedia("(prefers-color-scheme: dark)").addEventListener("change",paint);
    var stops=[];sets.forEach(function(s,d){s.data.forEach(function(v,i){if(v!==null)stops.push({datasetIndex:d,index:i});});});
    var at=-1;plot.addEventListener("keydown",function(e){var step={ArrowRight:1,ArrowLeft:-1,Home:-1e9,End:1e9}[e.key];if(!step||!stops.length)return;
    e.preventDefault();at=Math.max(0,Math.min(stops.length-1,at+step));var mark=chart.getDatasetMeta(stops[at].datasetIndex).data[stops[at].index];
    chart.setActiveElements([stops[at]]);chart.tooltip.setActiveElements([stops[at]],{x:mark.x,y:mark.y});chart.update();});
    all.push({name:figure.id,chart:chart});});
    })();
    """
}
