"""Vectors of configuration files: how the reference reads them, quotes values, and coerces texts.

usage: python golden/gen/reticulum_config.py [--check | --compare]

A section is given as [scalars, sections], each a list of pairs in the order of the file.
"""

import os
import shutil
import tempfile

from RNS.vendor.configobj import ConfigObj, ConfigObjError

from harness import Topic, attempt, main


def tree(section):
    scalars = [[key, section[key]] for key in section.scalars]
    return [scalars, [[name, tree(section[name])] for name in section.sections]]


def read(text):
    """The tree of a file with this text, or the exception and the line that it names."""
    folder = tempfile.mkdtemp()
    try:
        path = os.path.join(folder, "config")
        with open(path, "wb") as file:
            file.write(text.encode("utf-8"))
        try:
            return tree(ConfigObj(path)), None, None
        except ConfigObjError as error:
            errors = getattr(error, "errors", None)
            return None, type(error).__name__, errors[0].line_number if errors else None
        except Exception as error:
            return None, type(error).__name__, None
    finally:
        shutil.rmtree(folder)


# Lines of one key; each is read alone.
VALUES = """
key = value
key=value
key   =   value   
key =
key = ""
key = ''
key = " spaced "
key = 'single'
key = "double # no comment"
key = value # a comment
key = value#a comment
key = # only a comment
key = "quoted" # a comment
key = "quoted"# a comment
key = "quoted" more
key = "quoted" "twice"
key = "open
key = 'open
key = "mixed'
key = it's
key = say "it"
key = a, b, c
key = a,b,c
key = a ,b , c
key = a, b, c,
key = a,
key = a, 
key = a,# comment
key = a, # comment
key = ,
key = , # comment
key = ,a
key = a,,b
key = a, , b
key = "a", "b"
key = "a, b", c
key = "a", b"
key = "a", 'b", c
key = 'a', "b" , c # comment
key = a "b, c"
key = a 'b, c' d
key = "a" "b, c"
key = "a" b", c
key = "a", "b
key = "a",, "b", c
key = "a",,"b", c
key = "", ""
key = "",
key = a # b, c
key = a, b # c, d
key = a, "b # c", d
key = a, b#c, d
key = a = b
key = [x]
key = [x], y
key = %
key = 100%
key = %(
key = %(other
key = #
key = "#"
key = '#', "#"
key = a"b
key = a'b"c
key = \\
key = \\n
key = 10.0.0.1
key = a\tb
key = \ta
key\t=\tvalue
  key = value
\tkey = value
"key" = value
'key' = value
"key with spaces" = value
key with spaces = value
"key" more = value
"key = value
'key' = 'value'
"a" = "b" = c
"" = value
= value
 = value
  = value
  "key = value
  'a = b' = c
key.with.dots = value
key-with-dashes = value
key[0] = value
kéy = wért ☂
key = \u00a0value\u00a0
key = value\u2003
key: value
key value
key
just words
key == value
key = = value
key#1 = value
# key = value
  # key = value
key = '''triple'''
key = \"\"\"triple\"\"\"
key = '''triple''' # comment
key = '''triple'''# comment
key = '''triple''' more
key = '''with 'single' and "double"'''
key = ''''quoted''''
key = '''a'''b'''
key = ''''''
key = '''open
key = \"\"\"mixed'''
key = '''''
""".strip("\n").split("\n")

HEADERS = """
[section]
[ section ]
  [section]
[section] # comment
[section]# comment
[section] words
[section words]
["section"]
['section']
["section # with mark"]
[section # with mark]
["]"]
[]
[ ]
[""]
[" "]
[]]
[[ ]
[a]]
[[a]
[a]b]
[a] # b]
[a] = b
[a] b = c
["a" b]
["a" b"]
['a"]
["a]
[%(x)s]
[sëction ☂]
[a
a]
[a][b]
[ [a] ]
""".strip("\n").split("\n")

FILES = {
    "empty": "",
    "blank-lines": "\n\n  \n",
    "comments-only": "# one\n  # two\n",
    "no-last-newline": "[a]\nb = c",
    "crlf": "[a]\r\nb = c\r\n[[d]]\r\ne = f\r\n",
    "mixed-endings": "[a]\r\nb = c\nd = e\r\r\nf = g\r",
    "form-feed": "[a]\n\x0cb = c\n\x0b\n",
    "mark": "\ufeff[a]\nb = c\n",
    "root-keys": "a = 1\nb = 2\n[c]\nd = 3\n",
    "nested": "[a]\nx = 1\n[[b]]\nx = 2\n[[[c]]]\nx = 3\n[[d]]\nx = 4\n[e]\nx = 5\n",
    "order": "[b]\nz = 1\na = 2\n[[y]]\n[[x]]\n[a]\n",
    "indented": "[a]\n    x = 1\n\t[[b]]\n      y = 2\n  z = 3\n",
    "key-after-section": "[a]\n[[b]]\nx = 1\n[c]\ny = 2\n",
    "same-key-in-two-sections": "[a]\nx = 1\n[b]\nx = 2\n",
    "same-name-as-parent": "[a]\n[[a]]\n[[[a]]]\nx = 1\n",
    "duplicate-key": "[a]\nx = 1\ny = 2\nx = 3\n",
    "duplicate-key-root": "x = 1\nx = 2\n",
    "duplicate-key-quoted": "x = 1\n'x' = 2\n",
    "duplicate-section": "[a]\n[b]\n[a]\n",
    "duplicate-subsection": "[a]\n[[b]]\n[[c]]\n[[b]]\n",
    "key-and-section": "[a]\nb = 1\n[[b]]\nc = 2\n",
    "section-and-key": "a = 1\n[a]\n",
    "skipped-level": "[a]\n[[[b]]]\n",
    "skipped-level-root": "[[a]]\n",
    "unbalanced-header": "[a]\n[[b]\nc = 1\n",
    "two-errors": "[a]\nx = 1\nx = 2\nnonsense\n",
    "two-errors-other-order": "[a]\nnonsense\nx = 1\nx = 2\n",
    "multiline": "[a]\nx = '''one\ntwo\n  three'''\ny = 4\n",
    "multiline-double": 'x = """one\n# no comment\n[no section]\n"""\ny = 4\n',
    "multiline-comment": "x = '''one\ntwo''' # comment\ny = 4\n",
    "multiline-trailing": "x = '''one\ntwo''' more\ny = 4\n",
    "multiline-open": "x = '''one\ntwo\n",
    "multiline-crlf": "x = '''one\r\ntwo\r\n'''\r\n",
    "multiline-other-quotes": "x = '''one\n\"\"\"\ntwo'''\n",
    "multiline-spaces": "x = '''  one  \n  two  '''\n",
    "multiline-in-first-line": "x = '''one'''two\n'''\n",
    "references": "host = a\n[b]\nport = 1\nplace = %(host)s:%(port)s\n[[c]]\nfull = <%(place)s>\n",
    "references-list": "a = x\nb = %(a)s, y%(a)s\n",
    "references-chain": "a = %(b)s!\nb = %(c)s?\nc = end\n",
    "references-default": "[DEFAULT]\nx = 1\n[a]\ny = %(x)s\n[[DEFAULT]]\nz = 2\n[[b]]\nw = %(z)s%(x)s\n",
    "references-missing": "[a]\nx = %(nowhere)s\n",
    "references-circle": "a = %(b)s\nb = %(a)s\n",
    "references-self": "a = %(a)s\n",
    "references-to-list": "a = 1, 2\nb = %(a)s\n",
    "references-to-section": "b = %(a)s\n[a]\n",
    "references-not-closed": "a = %(b\nb = %c\nd = %%(a)s\n",
    "references-twice": "a = 1\nb = %(a)s%(a)s\n",
    "dollar": "a = $b ${c} $$\n",
    "interface": "[interfaces]\n  [[My Link]]\n    type = TCPClientInterface # over the wire\n"
    "    enabled = yes\n    target_host = 10.0.0.1\n    target_port = 4242\n    devices = eth0, wlan0\n",
}

QUOTED = [
    "plain", "two words", "", " ", " lead", "trail ", "\ttab", "tab\t", "a,b", ",", "a#b", "#",
    "it's", 'say "it"', "'", '"', "'quoted'", '"quoted"', "a'b\"c", "a'b\"c#d", "a'b\"c,d",
    "two\nlines", "two\r\nlines", "\n", "a\n'b' \"c\"", "[x]", "a = b", "100%", "%(", "\\", "ünïcode ☂",
    "a\u00a0", "'''", '"""', "a'''b", 'a"""b', "x\n'''", 'x\n"""', "'''\n", '"""\n',
    ["a"], ["a", "b"], [], ["a,b", "c"], ["", "a"], [" a", "b "], ["it's", 'say "it"'], ["#", "a"],
    ["a'b", 'c"d', "e"], ["'''a"], ["a b", "c"],
]

NUMBERS = [
    "0", "1", "-1", "+1", "007", "1_000", "1__0", "_1", "1_", " 12 ", "1 2", "", " ", "1.0", "1.", ".5",
    "-.5", ".", "1e3", "1E3", "1e", "1e+3", "1e-3", "1_0.5_0", "1_.5", "0x10", "0b1", "ten", "inf", "-inf",
    "Infinity", "nan", "-nan", "infinite", "1,000", "9007199254740991", "1e400", "--1", "+-1", "1j", "\u00a012",
]

TRUTHS = ["yes", "no", "Yes", "NO", "on", "off", "On", "oFF", "true", "false", "True", "FALSE", "1", "0",
          "", "y", "n", "2", "-1", "none", " yes", "yess", "enabled"]


def build():
    topic = Topic(
        "reticulum", "config-files", "rns", "RNS/vendor/configobj.py ConfigObj", __file__
    )
    for turn, line in enumerate(VALUES):
        one_file(topic, f"value-{turn + 1:03}", line)
    for turn, line in enumerate(HEADERS):
        one_file(topic, f"header-{turn + 1:02}", line + "\nkey = value\n")
    for name, text in FILES.items():
        one_file(topic, name, text)
    generated(topic)
    quoting(topic)
    coercions(topic)
    return topic


def one_file(topic, name, text):
    out, raised, line = read(text)
    given = {"op": "read", "text": text}
    if raised is None:
        topic.case(name, given, {"tree": out})
        return
    place = {} if line is None else {"line": line}
    topic.negative(f"neg-{name}", given, "RNS_CONFIG", raised, place)


class Letters:
    """A small generator of numbers that is the same everywhere."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 1103515245 + 12345) % (1 << 31)
        return (self.state >> 8) % bound


def generated(topic):
    """Lines made of the characters that decide, many of them malformed."""
    pick = Letters(20261120)
    pieces = ['"', "'", ",", " ", "#", "a", "b c", "=", "[", "]", ", ", '", "', "'a'", '"b"', "x,", "\t"]
    for name, start, count in (("value", "key = ", 700), ("key", "", 150), ("header", "[", 250)):
        read_lines, refused = [], []
        for _ in range(count):
            line = start + "".join(pieces[pick.below(len(pieces))] for _ in range(1 + pick.below(8)))
            out, raised, _ = read(line)
            if raised is None:
                read_lines.append([line, out])
            else:
                refused.append(line)
        topic.case(
            f"generated-{name}",
            {"op": "lines"},
            {"read": read_lines, "refused": refused},
            f"{count} lines, each read alone",
        )


def quoting(topic):
    for turn, value in enumerate(QUOTED):
        written, raised = attempt(lambda: ConfigObj()._quote(value))
        given = {"op": "quote", "value": value}
        if raised is not None:
            topic.case(f"quote-{turn + 1:02}", given, {"refused": True}, raised)
            continue
        back, problem, _ = read(f"key = {written}\n")
        same = problem is None and back == [[["key", value]], []]
        note = None if same else "what the reference writes does not read back as the same value"
        topic.case(f"quote-{turn + 1:02}", given, {"written": written, "readsBack": same}, note)


def coercions(topic):
    for kind, texts in (("bool", TRUTHS), ("int", NUMBERS), ("float", NUMBERS)):
        values = []
        for text in texts:
            config = ConfigObj()
            config["key"] = text
            value, raised = attempt(lambda: getattr(config, f"as_{kind}")("key"))
            values.append([text, None if raised is not None else repr(value)])
        topic.case(f"as-{kind}", {"op": f"as-{kind}"}, {"values": values})


if __name__ == "__main__":
    main(build)
