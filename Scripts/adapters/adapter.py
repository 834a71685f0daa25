"""What the adapters share: the protocol of Dovetail's external evaluators, and layers of its workload files.

A JSON line in, `{"id": 1, "design": {...}}`; a JSON line out with metrics, or with the reason why a design is infeasible or its
evaluation failed. One process answers any number of lines and ends with its input.
"""
import importlib.metadata
import json
import os
import sys
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Infeasible(Exception):
    """The simulator cannot run the design: data."""


class Wrong(Exception):
    """A file or an option is wrong: nothing is evaluated, exit status 2."""

    def __init__(self, text, hint=None):
        super().__init__(text + (f"\nhint: {hint}" if hint else ""))


def enter_environment(name):
    """Goes on in the environment that `Scripts/adapters/install NAME` made."""
    folder = os.environ.get("DOVETAIL_ADAPTERS", os.path.join(ROOT, ".build", "adapters"))
    prefix = os.path.join(os.path.abspath(folder), name)
    if os.path.realpath(sys.prefix) == os.path.realpath(prefix):
        return
    python = os.path.join(prefix, "bin", "python")
    if not os.path.exists(os.path.join(prefix, "installed")):
        print(f"error: {prefix}: got no environment, expected the one of {name}", file=sys.stderr)
        print(f"hint: run Scripts/adapters/install {name}", file=sys.stderr)
        sys.exit(2)
    os.execv(python, [python, "-I", "-W", "ignore"] + [os.path.abspath(sys.argv[0])] + sys.argv[1:])


def version(name, package):
    return f"{name} {importlib.metadata.version(package)}"


def main(run):
    """Runs the adapter; what it gets wrong is said in our form."""
    try:
        run()
    except Wrong as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(130)


def private_output():
    """The real standard output; what anybody prints from now on goes to standard error."""
    sys.stdout.flush()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def reply(evaluate, line, evaluator, release):
    """The answer to a line."""
    try:
        asked = json.loads(line)
        design, number = asked["design"], asked.get("id")
        if not isinstance(design, dict):
            raise TypeError("design")
    except (ValueError, KeyError, TypeError):
        return {"error": 'got no design, expected {"id": 1, "design": {...}}'}
    answer = {} if number is None else {"id": number}
    begin = time.monotonic()
    try:
        answer["metrics"] = evaluate(design)
    except Infeasible as reason:
        answer["infeasible"] = str(reason)
    except Exception as error:  # Whatever breaks in it must not end the stream.
        traceback.print_exc()
        answer["failed"] = "crash: " + f"{type(error).__name__}: {last_line(str(error))}"[:300]
    answer.update(seconds=round(time.monotonic() - begin, 3), evaluator=evaluator, version=release)
    return answer


def serve(evaluate, evaluator, release, answers):
    """Answers until the input ends."""
    for line in sys.stdin:
        if not line.strip():
            continue
        json.dump(reply(evaluate, line, evaluator, release), answers, allow_nan=False)
        answers.write("\n")
        answers.flush()


def whole(design, name, low=1, high=1 << 24):
    """A whole number of a design."""
    value = design.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise ValueError(f"design: {name}: got {json.dumps(value)}, expected a whole number")
    if not low <= value <= high:
        raise Infeasible(f"{name}: got {int(value)}, expected {low} to {high}")
    return int(value)


def choice(design, name, known):
    """A name of a design."""
    value = design.get(name)
    if value not in known:
        raise ValueError(f"design: {name}: got {json.dumps(value)}, expected one of {', '.join(known)}")
    return value


def chosen(metrics, names):
    """The metrics that were asked for."""
    return {name: metrics[name] for name in names}


def metric_names(text, known):
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            raise Wrong(f'--metrics: unknown metric "{name}"', f"known metrics: {', '.join(known)}")
    return names


# Workload files

class Layer:
    """A convolution of one group and image, or a matrix product: how often it occurs and its sizes."""

    def __init__(self, name, count, sizes, stride):
        self.name, self.count, self.stride = name, count, stride
        self.C, self.M, self.R, self.S, self.P, self.Q = sizes

    @property
    def macs(self):
        return self.C * self.M * self.R * self.S * self.P * self.Q


def layers(path, wanted=None):
    """The layers of a workload file of Dovetail, groups and images counted as occurrences.

    `wanted` chooses by name, separated by commas.
    """
    import yaml
    try:
        with open(path, encoding="utf-8") as file:
            content = yaml.safe_load(file)
    except OSError as error:
        raise Wrong(f"{path}: cannot be read: {error.strerror}")
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Wrong(f"{path}: {' '.join(str(error).split())[:200]}")
    entries = content.get("layers") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise Wrong(f"{path}: layers: got none, expected a list of layers")
    found = []
    for place, entry in enumerate(entries):
        try:
            found.append(layer(entry))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Wrong(f"{path}: layers[{place}]: got {error}, expected a convolution, depthwise or matrixProduct",
                        "dovetail workload show checks the file; dimensions: and dilations are not taken")
    if not wanted:
        return found
    names = [entry.name for entry in found]
    for name in wanted.split(","):
        if name not in names:
            raise Wrong(f'{path}: unknown layer "{name}"', f"known layers: {', '.join(names)}")
    return [entry for entry in found if entry.name in wanted.split(",")]


def layer(entry):
    count = int(entry.get("count", 1))
    if "matrixProduct" in entry:
        form = entry["matrixProduct"]
        sizes = (form["inner"], form["columns"], 1, 1, form["rows"], 1)
        return Layer(entry["name"], count * int(form.get("batch", 1)), [int(size) for size in sizes], (1, 1))
    isDepthwise = "depthwise" in entry
    form = entry["depthwise"] if isDepthwise else entry["convolution"]
    if form.get("dilation", 1) not in (1, [1, 1]):
        raise ValueError("a dilation")
    stride = form.get("stride", 1)
    stride = (stride, stride) if isinstance(stride, int) else (int(stride[0]), int(stride[1]))
    groups = int(form["C"]) if isDepthwise else int(form.get("G", 1))
    channels = (1, 1) if isDepthwise else (form["C"], form["M"])
    sizes = [*channels, form["R"], form["S"], form["P"], form["Q"]]
    return Layer(entry["name"], count * groups * int(form.get("N", 1)), [int(size) for size in sizes], stride)
