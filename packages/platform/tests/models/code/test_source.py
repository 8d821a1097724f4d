import pytest

from maquette.models.code.source import python_2_names, read_source


def read(text):
    return read_source(text.encode() if isinstance(text, str) else text, "x.py")


@pytest.mark.parametrize(
    ("line", "construct"),
    [
        ('print "hello %s" % name', "the print statement"),
        ("print", None),
        ("try:\n    pass\nexcept ValueError, e:\n    pass", "'except …, e:'"),
        ('raise ValueError, "no"', "'raise E, \"…\"'"),
        ("exec code in names", None),
        ('exec "x = 1"', "the exec statement"),
        ("if 1 <> 2:\n    pass", "the operator <>"),
        ("x = `3`", "backticks"),
        ("os.chmod(path, 0777)", "an octal number like 0777"),
        ('x = ur"text"', 'ur"…"'),
        ("x = 10L", "a long number like 10L"),
        ("def f(a, (b, c)):\n    pass", "an argument that is a tuple"),
        ("f = lambda (a, b): a", "an argument that is a tuple"),
    ],
)
def test_python_2_is_called_by_its_name(line, construct):
    source = read(f"import os\n{line}\n")
    if construct is None:
        assert source.tree is not None or source.trouble.code in ("syntax-error", "python2-code")
        return
    assert source.trouble.code == "python2-code"
    assert construct in source.trouble.message
    assert 2 <= source.trouble.line <= 4


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = (1,\n", 1),
        ("def f():\nreturn 1\n", 2),
        ('x = \'print "no"\n', 1),
        ("if True\n    pass\n", 1),
        ("x = 1\n\ty = 2\n", 2),
        ("date = '2019-01-07' +\n", 1),
        ("class A:\n    def f(self):\n        return [1, 2\n", 3),
    ],
)
def test_a_slip_of_today_is_not_called_python_2(text, line):
    trouble = read(text).trouble
    assert trouble.code == "syntax-error"
    assert trouble.line == line


@pytest.mark.parametrize(
    "text",
    [
        "# -*- coding: gbk -*-\nx = '图'\n".encode("gbk"),
        b"\xef\xbb\xbfx = 1\n",
        b"x = 1\r\ny = 2\r\n",
        b"",
        b"import re\npattern = '\\d'\n",
    ],
)
def test_files_that_python_takes_are_read(text):
    source = read(text)
    assert source.tree is not None
    assert source.trouble is None


@pytest.mark.parametrize("text", [b"x = '\xd6\xd0'\n", b"x = 1\0\n", b"# coding: no-such\nx = 1\n"])
def test_a_file_in_an_unknown_encoding_is_told(text):
    assert read(text).trouble.code == "source-encoding"


def test_async_as_a_name_is_read_as_python_3_6_did_and_told():
    source = read("# async: a note\nx = model.cuda(async=True)\nasync = 3\n")
    assert source.tree is not None
    assert (source.trouble.code, source.trouble.line) == ("reserved-word", 2)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("for i in xrange(3):\n    print(unicode(i))\n", ["xrange", "unicode"]),
        ("import urllib2\nfrom StringIO import StringIO\n", ["urllib2", "StringIO"]),
        ("for k in d.iteritems():\n    pass\n", ["iteritems"]),
        ("import sys\nprint >> sys.stderr, 'no'\n", ["print >>"]),
        ("xrange = range\nfor i in xrange(3):\n    pass\n", []),
        ("try:\n    import cPickle as pickle\nexcept ImportError:\n    import pickle\n", []),
        ("import sys\nif sys.version_info[0] < 3:\n    import urllib2\n", []),
        ("from functools import reduce\nreduce(max, [1])\n", []),
        ("def reload(x):\n    return x\nreload(1)\n", []),
        ("def f(unicode):\n    return unicode\n", []),
    ],
)
def test_names_that_python_3_lacks_are_told_unless_the_file_has_them(text, names):
    assert [finding.words["name"] for finding in python_2_names(read(text))] == names
