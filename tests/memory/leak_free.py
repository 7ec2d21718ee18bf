"""Functions that keep nothing, as many as it takes: a line each, what comes before ;; runs once.

They warm caches up, fill bounded ones, leave cycles to the collector, make threads and files and
close them, intern strings, import modules, and leave objects to the interpreter's free lists.
"""

from __future__ import annotations

from collections.abc import Callable

LINES = r"""
pass
x = 1 + 1
x = 10 ** 50
x = 1.5 * 3
x = [None] * 100
x = list(range(50))
x = [i * 2 for i in range(50)]
x = [i for i in range(500)]; x.sort(reverse=True)
x = []; x.append(x)
x = {}; x['me'] = x
x = {i: i for i in range(100)}
x = {i: i for i in range(100)}; x.clear()
x = {i for i in range(100)}
x = set(); x.add(1); x.discard(1)
x = frozenset(range(20))
x = tuple(range(20))
x = tuple([1, 2]) + (3,)
x = 'a' * 1000
x = ''.join(str(i) for i in range(50))
x = 'ä' * 100
x = f'{1.5:>10.3f} {"text"!r}'
x = 'a,b,c'.split(',')
x = 'text'.encode().decode()
x = bytes(1000)
x = bytearray(1000)
x = bytearray(); x.extend(b'abc' * 100)
x = memoryview(bytes(100))[10:20]
x = object()
x = type('T', (), {})
x = lambda: 1
def f(): yield 1; yield 2;;x = list(f())
def f(): yield 1; yield 2;;x = next(f())
def f(): yield 1;;x = f()
class C: pass;;x = C()
class C: pass;;x = C(); x.a = 1; x.b = 2
class C: pass;;x = C(); x.me = x
class C: __slots__ = ('a',);;x = C(); x.a = 1
class C:  __del__ = lambda self: None;;x = C(); x.me = x
class C: pass;;x, y = C(), C(); x.other, y.other = y, x
class C: pass;;C.attribute = 1; del C.attribute
class C: f = lambda self: 1;;x = C().f()
class C: f = property(lambda self: 1);;x = C().f
class C(list): pass;;x = C(range(20))
class C(dict): pass;;x = C(a=1)
class C(Exception): pass;;x = C('message')
try: raise ValueError('no')~except ValueError as e: x = str(e)
try: 1 / 0~except ZeroDivisionError: pass
try: {}['missing']~except KeyError: pass
try: int('x')~except ValueError: pass
try: raise OSError(2, 'no', 'file')~except OSError: pass
x = sorted(range(100), key=lambda i: -i)
x = dict(zip('abc', range(3)))
x = max(range(100)); y = min(range(100)); z = sum(range(100))
x = list(map(str, range(20)))
x = list(filter(None, range(20)))
x = list(enumerate('abc')); y = list(reversed('abc'))
x = any(i > 5 for i in range(10))
x = isinstance(1, int); y = hasattr(x, 'real'); z = getattr(x, 'real')
x = eval('1 + 1')
exec('y = 1')
x = compile('a = b + c', 'file', 'exec')
x = repr([1, 'two', 3.0, None])
x = hash('some text'); y = hash((1, 2))
x = divmod(7, 3); y = pow(3, 100, 7); z = round(2.567, 1)
x = open('/dev/null'); x.close()
with open('/dev/null', 'w') as file: file.write('text')
x = iter([1]); next(x, None); next(x, None)
x = slice(1, 10, 2); y = list(range(20))[x]
x = complex(1, 2) * 3
x = (1).to_bytes(4, 'big'); y = int.from_bytes(x, 'big')
x = '%s %d' % ('a', 1)
x = 'abc'.translate({97: 'x'})
x = super(list, []).__repr__()
cache = {};;cache['key'] = [1] * 100
cache = [None];;cache[0] = object()
cache = {};;cache[id(cache) % 7] = str(len(cache))
counter = [0];;counter[0] += 1
ring = [None] * 16; n = [0];;n[0] = (n[0] + 1) % 16; ring[n[0]] = [n[0]] * 10
stack = [];;stack.append([1]); stack.pop()
d = {};;d['a'] = 1; d['b'] = 2; del d['a']; del d['b']
d = {};;[d.setdefault(i, []) for i in range(50)]; d.clear()
s = set();;s.update(range(50)); s.clear()
import functools~@functools.lru_cache(128)~def f(n): return [n]~n = [0];;n[0] += 1; f(n[0])
import functools~@functools.lru_cache(16)~def f(n): return str(n)~n = [0];;n[0] += 1; f(n[0])
import functools~@functools.cache~def f(n): return [n];;f(3)
import functools~class C:~  @functools.cached_property~  def value(self): return [1] * 10;;x = \
C().value
import functools;;x = functools.partial(print, 1, sep='')
import functools;;x = functools.reduce(lambda a, b: a + b, range(20))
import functools;;x = functools.wraps(print)(lambda: None)
import functools~@functools.singledispatch~def f(x): return 1~f.register(int)(lambda x: \
2);;f(1); f('a'); f(1.0)
import re;;x = re.match('a+b', 'aaab')
import re;;x = re.sub('[0-9]+', '#', 'a1b22')
import re~n = [0];;n[0] += 1; x = re.compile('a{%d}' % (n[0] % 300))
import re;;x = re.split(',', 'a,b'); y = re.findall('.', 'abc')
import re;;re.purge(); x = re.compile('x+y*')
import json;;x = json.loads('{"a": [1, 2, {"b": null}]}')
import json;;x = json.dumps({'a': [1, 2.5, None]})
import json;;x = json.dumps({'a': [1]}, indent=2, sort_keys=True)
import pickle;;x = pickle.loads(pickle.dumps({'a': [1, 2], 'b': (3,)}))
import copy;;x = copy.deepcopy({'a': [1, [2]]})
import copy;;x = copy.copy([1, 2])
import marshal;;x = marshal.loads(marshal.dumps([1, 'a']))
import struct;;x = struct.pack('<IQ', 1, 2); y = struct.unpack('<IQ', x)
import struct~n = [0];;n[0] += 1; x = struct.calcsize('%ds' % (n[0] % 90))
import array;;x = array.array('d', range(100)); x.append(1.0)
import collections;;x = collections.Counter('hello world')
import collections;;x = collections.OrderedDict(a=1, b=2); x.move_to_end('a')
import collections;;x = collections.defaultdict(list); x['a'].append(1)
import collections;;x = collections.ChainMap({'a': 1}, {'b': 2})['b']
import collections~ring = collections.deque(maxlen=20);;ring.append([1])
import collections;;x = collections.deque(range(200)); x.rotate(3)
import collections~P = collections.namedtuple('P', 'x y');;x = P(1, 2)._replace(x=3)
import collections;;x = collections.namedtuple('Q', 'a b')(1, 2)
import dataclasses~@dataclasses.dataclass~class P:~  x: int = 0~  y: list = \
dataclasses.field(default_factory=list);;x = P(1); y = dataclasses.asdict(x)
import dataclasses;;x = dataclasses.make_dataclass('P', ['x', 'y'])(1, 2)
import enum~class E(enum.Enum):~  A = 1~  B = 2;;x = E(1); y = E['B']; z = list(E)
import enum;;x = enum.Enum('F', 'A B')
import itertools;;x = list(itertools.chain('ab', 'cd')); y = list(itertools.product('ab', \
repeat=2))
import itertools;;x = list(itertools.islice(itertools.count(), 20)); a, b = itertools.tee([1, \
2]); list(a)
import itertools;;x = [(k, list(g)) for k, g in itertools.groupby('aabb')]
import operator;;x = operator.itemgetter(1)([1, 2]); y = operator.attrgetter('real')(1)
import heapq;;x = [3, 1, 2]; heapq.heapify(x); heapq.heappush(x, 5); heapq.heappop(x)
import bisect;;x = [1, 3]; bisect.insort(x, 2)
import decimal;;x = decimal.Decimal('1.1') / 3
import decimal~import contextlib;;x = decimal.localcontext()~with x: decimal.getcontext().prec = \
5; y = decimal.Decimal(1) / 7
import fractions;;x = fractions.Fraction(1, 3) + 1
import statistics;;x = statistics.mean([1, 2, 3])
import random~r = random.Random(1);;x = r.random(); y = r.choice([1, 2]); z = \
r.sample(range(20), 3)
import math;;x = math.sqrt(2) + math.factorial(20)
import datetime;;x = datetime.datetime(2024, 1, 1) + datetime.timedelta(days=1); y = x.isoformat()
import datetime;;x = datetime.datetime.strptime('2024-01-01', '%Y-%m-%d')
import time;;x = time.time(); y = time.strftime('%Y')
import calendar;;x = calendar.monthrange(2024, 2)
import string;;x = string.Template('$a b').substitute(a=1)
import textwrap;;x = textwrap.fill('some words ' * 10, 20)
import difflib;;x = difflib.get_close_matches('appel', ['apple', 'ape'])
import hashlib;;x = hashlib.sha256(b'data').hexdigest()
import hashlib;;x = hashlib.new('md5', b'data').digest()
import zlib;;x = zlib.decompress(zlib.compress(b'data' * 100))
import base64;;x = base64.b64decode(base64.b64encode(b'data'))
import binascii;;x = binascii.crc32(b'data'); y = binascii.hexlify(b'abc')
import io;;x = io.StringIO(); x.write('text' * 100); y = x.getvalue()
import io;;x = io.BytesIO(b'data' * 100); y = x.read()
import io;;x = io.TextIOWrapper(io.BytesIO()); x.write('text'); x.flush()
import csv~import io;;x = list(csv.reader(io.StringIO('a,b\n1,2\n')))
import configparser;;x = configparser.ConfigParser(); x.read_string('[a]\nb = 1\n')
import tempfile;;x = tempfile.TemporaryFile(); x.write(b'a'); x.close()
import os;;x = os.path.join('a', 'b'); y = os.path.exists('/nowhere'); z = os.stat('/')
import os;;x = os.listdir('/'); y = os.getcwd()
import os;;a, b = os.pipe(); os.close(a); os.close(b)
import os;;os.environ['TARE_TEST_MARK'] = 'x' * 50; del os.environ['TARE_TEST_MARK']
import os;;x = os.open('/dev/null', os.O_RDONLY); y = os.dup(x); os.close(x); os.close(y)
import pathlib;;x = pathlib.Path('/a/b') / 'c.txt'; y = x.suffix
import pathlib;;x = list(pathlib.PurePath('/a/b/c').parents)
import glob;;x = glob.glob('/etc/host*')
import fnmatch;;x = fnmatch.fnmatch('a.txt', '*.txt')
import shlex;;x = shlex.split('a "b c" d')
import subprocess;;x = subprocess.list2cmdline(['a', 'b c'])
import socket;;a, b = socket.socketpair(); a.send(b'x'); b.recv(1); a.close(); b.close()
import select;;x = select.poll(); select.select([], [], [], 0)
import selectors;;x = selectors.DefaultSelector(); x.close()
import threading;;x = threading.Lock()~with x: pass
import threading;;x = threading.Thread(target=len, args=('a',)); x.start(); x.join()
import threading;;x = threading.local(); x.value = [1]
import threading;;x = threading.Event(); x.set(); y = threading.Condition()
import queue;;x = queue.Queue(); x.put(1); x.get()
import contextvars~v = contextvars.ContextVar('v');;x = contextvars.copy_context(); x.run(v.set, \
1)
import contextvars~v = contextvars.ContextVar('w');;t = v.set(1); v.reset(t)
import contextlib;;x = contextlib.ExitStack()~with x: x.callback(len, 'a')
import contextlib~@contextlib.contextmanager~def f(): yield 1~;;with f() as x: pass
import weakref~class C: pass;;x = C(); y = weakref.ref(x); del x
import weakref~class C: pass~d = weakref.WeakValueDictionary();;x = C(); d['x'] = x
import weakref~class C: pass~d = weakref.WeakKeyDictionary();;x = C(); d[x] = 1
import weakref~class C: pass~d = weakref.WeakSet();;d.add(C())
import weakref~class C: pass;;x = C(); weakref.finalize(x, len, 'a')
import gc;;x = []; x.append(x); del x; gc.collect()
import gc;;x = gc.get_objects()[:10]; del x
import sys;;x = sys.intern('some_name'); y = sys.getsizeof([])
import sys;;x = sys._getframe(); del x
import traceback;;~try: 1 / 0~except ZeroDivisionError: x = traceback.format_exc()
import logging~log = logging.getLogger('tare.test'); log.addHandler(logging.NullHandler()); \
log.propagate = False;;log.warning('text %d', 1)
import logging;;x = logging.getLogger('a.b.c')
import logging~import io;;h = logging.StreamHandler(io.StringIO()); x = logging.Logger('own'); \
x.addHandler(h); x.error('no'); h.close()
import warnings;;~with warnings.catch_warnings(): warnings.simplefilter('ignore'); \
warnings.warn('x')
import inspect;;x = inspect.signature(lambda a, b=1: a)
import inspect;;x = inspect.getmembers(int)
import ast;;x = ast.dump(ast.parse('a = b + 1'))
import ast;;x = ast.literal_eval('[1, {"a": 2}]')
import dis~import io;;dis.dis(len.__class__, file=io.StringIO())
import tokenize~import io;;x = list(tokenize.generate_tokens(io.StringIO('a = 1\n').readline))
import types;;x = types.SimpleNamespace(a=1); y = types.ModuleType('m')
import typing;;x = typing.List[int]; y = typing.Optional[str]; z = typing.get_type_hints(lambda: \
1)
import abc~class A(abc.ABC): pass;;isinstance(1, A); issubclass(int, A)
import importlib;;x = importlib.import_module('json')
import colorsys;;import colorsys; x = colorsys.rgb_to_hsv(1, 0, 0)
import importlib~import sys;;sys.modules.pop('this_is_none', None); import keyword; x = \
keyword.iskeyword('if')
import argparse;;x = argparse.ArgumentParser(prog='x', add_help=False); x.add_argument('-a'); \
x.parse_args(['-a', '1'])
import asyncio~async def f(): return 1~;;x = f(); x.close()
import asyncio~async def f(): await asyncio.sleep(0)~loop = \
asyncio.new_event_loop();;loop.run_until_complete(f())
import asyncio~async def g(): yield 1~async def f(): return [x async for x in g()]~loop = \
asyncio.new_event_loop();;loop.run_until_complete(f())
import urllib.parse;;x = urllib.parse.urlsplit('http://a/b?c=d'); y = urllib.parse.quote('a b')
import urllib.parse~n = [0];;n[0] += 1; x = urllib.parse.urlsplit('http://a/%d' % n[0])
import html;;x = html.escape('<a>'); y = html.unescape('&lt;')
import html.parser;;x = html.parser.HTMLParser(); x.feed('<a b="c">text</a>'); x.close()
import xml.etree.ElementTree as ET;;x = ET.fromstring('<a><b c="d">t</b></a>'); y = ET.tostring(x)
import email.message;;x = email.message.EmailMessage(); x['Subject'] = 'a'; x.set_content('b')
import sqlite3;;x = sqlite3.connect(':memory:'); x.execute('create table t (a)'); \
x.execute('insert into t values (1)'); x.close()
import ctypes;;x = ctypes.create_string_buffer(100); y = ctypes.c_int(3)
import ctypes;;x = (ctypes.c_int * 10)()
import uuid;;x = uuid.uuid4(); y = str(x)
import secrets;;x = secrets.token_hex(8)
import locale;;x = locale.getlocale()
import unicodedata;;x = unicodedata.normalize('NFD', 'é'); y = unicodedata.name('a')
import codecs;;x = codecs.encode('abc', 'rot13'); y = codecs.lookup('utf-16')
import pprint;;x = pprint.pformat({'a': [1] * 30})
import reprlib;;x = reprlib.repr(list(range(100)))
import graphlib;;x = list(graphlib.TopologicalSorter({1: {2}, 2: {3}}).static_order())
import ipaddress;;x = ipaddress.ip_address('192.168.0.1') in \
ipaddress.ip_network('192.168.0.0/24')
import tarfile~import io;;x = tarfile.TarFile(fileobj=io.BytesIO(), mode='w'); \
x.addfile(tarfile.TarInfo('a')); x.close()
import zipfile~import io;;x = zipfile.ZipFile(io.BytesIO(), 'w'); x.writestr('a', 'b'); x.close()
import gzip;;x = gzip.decompress(gzip.compress(b'data'))
import bz2;;x = bz2.decompress(bz2.compress(b'data'))
import unittest.mock;;x = unittest.mock.Mock(); x.a.b(1)
import concurrent.futures;;x = concurrent.futures.Future(); x.set_result(1); x.result()
import shutil;;x = shutil.which('sh')
import platform;;x = platform.python_version()
import getpass;;x = getpass.getuser()
import linecache;;x = linecache.getline('/etc/passwd', 1)
import mimetypes;;x = mimetypes.guess_type('a.html')
import cmath;;x = cmath.exp(1j)
import numbers;;x = isinstance(1, numbers.Number); y = isinstance('a', numbers.Number)
import sched;;x = sched.scheduler(); x.enter(0, 1, len, ('a',)); x.run()
import signal;;x = signal.getsignal(signal.SIGINT)
"""


def make_function(line: str) -> Callable[[], None]:
    """~ stands for the end of a line of the program."""
    before, divided, body = line.rpartition(";;")
    namespace: dict[str, object] = {}
    if divided:
        exec(unfold(before), namespace)
    code = compile(unfold(body), "<leak free>", "exec")

    def call() -> None:
        exec(code, namespace, {})

    return call


def unfold(text: str) -> str:
    return text.replace("~", "\n").strip("\n")


def functions() -> list[tuple[str, Callable[[], None]]]:
    return [(line, make_function(line)) for line in LINES.replace("\\\n", "").strip().splitlines()]
