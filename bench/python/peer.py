"""
The Python side of the comparisons: a child process that answers one JSON request per line.

    {"do": "facts"}                                      -> versions of Python, rns and lxmf
    {"do": "prepare", "id": I, "case": C, "with": {..}}  -> {"output": hex} or {"absent": reason}
    {"do": "run", "id": I, "units": N}                   -> {"cpu": seconds of this thread}

Byte strings travel as hexadecimal text. The CPU time is that of the answering thread, so that the
reference program's own background threads are not charged to the case.
"""

import gc
import json
import platform
import sys
import time

import hashes
import messages


def version_of(package):
    """Version of an installed package, or None."""
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def facts():
    return {
        "python": platform.python_version(),
        "rns": version_of("rns"),
        "lxmf": version_of("lxmf"),
    }


CASES = {**hashes.CASES, **messages.CASES}
prepared = {}


def prepare(request):
    parameters = {
        name: bytes.fromhex(value) if isinstance(value, str) else value
        for name, value in request["with"].items()
    }
    try:
        run, output = CASES[request["case"]](**parameters)
    except ImportError as missing:
        return {"absent": f"Python lacks {missing.name}"}
    prepared[request["id"]] = run
    return {"output": output.hex()}


def run(request):
    work = prepared[request["id"]]
    units = request["units"]
    gc.collect()
    start = time.thread_time()
    work(units)
    return {"cpu": time.thread_time() - start}


def main():
    # The reference logs to standard output, which carries the answers here.
    answers, sys.stdout = sys.stdout, sys.stderr
    ways = {"facts": lambda request: facts(), "prepare": prepare, "run": run}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = ways[request["do"]](request)
        except Exception as problem:
            answer = {"error": f"{type(problem).__name__}: {problem}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    messages.close()


if __name__ == "__main__":
    main()
