"""Run every generator in this folder, each in a process of its own.

usage: python golden/gen/all.py [--check | --compare]

Without an option the files are written. `--check` regenerates in memory and exits 1 on a
difference. `--compare` runs under the older pair of programs (golden/requirements-old.txt) and
shows which cases it would make otherwise. Generators whose packages are not installed are named
and passed over.
"""

import importlib.util
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REFERENCE = sorted(path for path in HERE.glob("*_*.py") if "main(build" in path.read_text("utf-8"))
# Generators with references of their own: what they need, and which options they know.
OTHERS = {
    "kernel.py": (None, ("", "--check")),
    "qr.py": ("qrcode", ("",)),
    "qr_png.py": ("PIL", ("",)),
}


def run(path, mode):
    command = [sys.executable, "-B", str(path), *([mode] if mode else [])]
    return subprocess.run(command, check=False).returncode


def main():
    mode = sys.argv[1] if len(sys.argv) > 1 else ""
    if mode not in ("", "--check", "--compare") or len(sys.argv) > 2:
        sys.exit(f"usage: {sys.argv[0]} [--check | --compare]")
    failed = [path.name for path in REFERENCE if run(path, mode)]
    for name, (package, modes) in OTHERS.items():
        path = HERE / name
        if not path.exists() or mode not in modes:
            continue
        if package is not None and importlib.util.find_spec(package) is None:
            print(f"passed over {name}: {package} is not installed")
        elif run(path, mode):
            failed.append(name)
    if failed:
        sys.exit("failed: " + ", ".join(failed))


if __name__ == "__main__":
    main()
