"""Makes the test pictures of the JPEG decoder and what libjpeg-turbo (in Pillow) decodes from them.

    python -m venv venv && venv/bin/pip install numpy pillow
    venv/bin/python Tests/Fixtures/make_jpeg_fixtures.py

Pillow encodes what it can; a small encoder below writes what it cannot: any sampling factors, one scan for each component, 16-bit
quantisation tables, other names of components. Writes Tests/DatasetsTests/Fixtures/jpeg.npz; `pack` is also used by
Benchmarks/jpeg_check.py.
"""
import io, os, struct
import numpy as np
from PIL import Image, ImageOps

here = os.path.dirname(os.path.abspath(__file__))


def pixels(data):
    """What libjpeg makes of a file, turned as Exif says: [height, width, channels]."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    array = np.asarray(image)
    return array[:, :, None] if array.ndim == 2 else array


def pack(path, items):
    """Writes (name, file, pixels) as a few long arrays, which compress better than many short ones."""
    text = lambda names: np.frombuffer("\n".join(names).encode(), np.uint8)
    np.savez_compressed(
        path,
        names=text([name for name, _, _ in items]),
        files=np.concatenate([np.frombuffer(file, np.uint8) for _, file, _ in items]),
        sizes=np.array([len(file) for _, file, _ in items], np.int64),
        shapes=np.array([p.shape for _, _, p in items], np.int64),
        pixels=np.concatenate([p.ravel() for _, _, p in items]))


def picture(width, height, seed):
    """Waves, an edge and a little noise: every coefficient occurs."""
    r = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    out = np.stack([127 + 90 * np.sin(x / 7 + c) * np.cos(y / (5 + c)) for c in range(3)], 2)
    out[height // 3:height // 2 + 1, width // 4:width // 2 + 1] = r.integers(0, 256, 3)
    return np.clip(out + r.normal(0, 3, out.shape), 0, 255).astype(np.uint8)


def saved(image, **options):
    f = io.BytesIO()
    image.save(f, "JPEG", **options)
    return f.getvalue()


def segments(data):
    """The segments up to the first scan: (marker, body)."""
    position, out = 2, []
    while data[position + 1] != 0xDA:
        length = struct.unpack(">H", data[position + 2:position + 4])[0]
        out.append((data[position + 1], data[position + 4:position + 2 + length]))
        position += 2 + length
    return out


def standard_codes():
    """The Huffman tables of Annex K, as Pillow writes them: segments, and {(class, number): {symbol: (code, length)}}."""
    bodies = [b for m, b in segments(saved(Image.new("RGB", (8, 8)))) if m == 0xC4]
    codes = {}
    for body in bodies:
        while body:
            counts, code, at = body[1:17], 0, 17
            table = codes[body[0] >> 4, body[0] & 15] = {}
            for length, count in enumerate(counts, 1):
                for _ in range(count):
                    table[body[at]] = (code, length)
                    code, at = code + 1, at + 1
                code <<= 1
            body = body[at:]
    return bodies, codes


ZIGZAG = sorted(range(64), key=lambda i: (i // 8 + i % 8, i // 8 if (i // 8 + i % 8) % 2 else i % 8))
BODIES, CODES = standard_codes()
COSINES = np.array([[np.sqrt((1 if k == 0 else 2) / 8) * np.cos((2 * n + 1) * k * np.pi / 16) for n in range(8)]
                    for k in range(8)])


class Bits:
    def __init__(self):
        self.text = []

    def put(self, value, count):
        if count:
            self.text.append(format(value, f"0{count}b"))

    def number(self, value):
        size = int(abs(value)).bit_length()
        return size, (value if value >= 0 else value + (1 << size) - 1)

    def bytes(self):
        text = "".join(self.text)
        text += "1" * (-len(text) % 8)
        return bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8)).replace(b"\xff", b"\xff\0")


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def encoded(planes, factors, size, names=(1, 2, 3), interleaved=True, restart=0, step=8, wide=False, extra=b"", fill=0,
            frame=0xC0):
    """A sequential file of `planes` (float arrays of any size, resampled by repeating) with sampling `factors` [(h, v)]."""
    width, height = size
    hmax, vmax = max(h for h, _ in factors), max(v for _, v in factors)
    mx, my = -(-width // (8 * hmax)), -(-height // (8 * vmax))
    blocks = []
    for plane, (h, v) in zip(planes, factors):
        rows = np.minimum(np.arange(my * v * 8) * vmax // v, plane.shape[0] - 1)
        columns = np.minimum(np.arange(mx * h * 8) * hmax // h, plane.shape[1] - 1)
        b = (plane[rows][:, columns] - 128.0).reshape(my * v, 8, mx * h, 8).transpose(0, 2, 1, 3)
        blocks.append(np.rint(COSINES @ b @ COSINES.T / step).astype(int))
    marker = lambda m: b"\xff" * fill + bytes([0xFF, m])
    out = b"\xff\xd8" + extra
    q = (b"\x10" + struct.pack(">64H", *[step] * 64)) if wide else b"\0" + bytes([step] * 64)
    out += b"\xff" * fill + segment(0xDB, q)
    out += segment(frame, struct.pack(">BHHB", 8, height, width, len(planes)) + b"".join(
        bytes([n, h << 4 | v, 0]) for n, (h, v) in zip(names, factors)))
    for body in BODIES:
        out += segment(0xC4, body)
    if restart:
        out += segment(0xDD, struct.pack(">H", restart))
    groups = [range(len(planes))] if interleaved else [[i] for i in range(len(planes))]
    for group in groups:
        out += segment(0xDA, bytes([len(group)]) + b"".join(bytes([names[i], 0x11 * (i > 0)]) for i in group) + b"\0\x3f\0")
        units = []
        if len(group) == 1:
            i, = group
            h, v = factors[i]
            w, t = -(-width * h // hmax), -(-height * v // vmax)
            units = [[(i, y, x)] for y in range(-(-t // 8)) for x in range(-(-w // 8))]
        else:
            units = [[(i, y * factors[i][1] + v, x * factors[i][0] + h) for i in group
                      for v in range(factors[i][1]) for h in range(factors[i][0])] for y in range(my) for x in range(mx)]
        bits, last, count = Bits(), [0] * 4, 0
        for index, unit in enumerate(units):
            if restart and index and index % restart == 0:
                out += bits.bytes() + marker(0xD0 + count % 8)
                bits, last, count = Bits(), [0] * 4, count + 1
            for i, y, x in unit:
                block = blocks[i][y, x].ravel()[ZIGZAG]
                dc, ac = CODES[0, int(i > 0)], CODES[1, int(i > 0)]
                size_, value = bits.number(block[0] - last[i])
                last[i] = block[0]
                bits.put(*dc[size_]); bits.put(value, size_)
                run = 0
                for value in block[1:np.flatnonzero(block)[-1] + 1] if block.any() else []:
                    if value == 0:
                        run += 1
                        continue
                    while run > 15:
                        bits.put(*ac[0xF0]); run -= 16
                    size_, value = bits.number(value)
                    bits.put(*ac[run << 4 | size_]); bits.put(value, size_)
                    run = 0
                if not block[63]:
                    bits.put(*ac[0])
        out += bits.bytes()
    return out + marker(0xD9)


def matrix():
    items, seed = [], 0
    def add(name, data):
        items.append((name, data, pixels(data)))
    sizes = [(1, 1), (2, 3), (5, 4), (8, 8), (9, 17), (16, 16), (17, 9), (24, 33), (67, 53)]
    qualities = [75, 10, 95, 50, 100, 85, 30]
    for width, height in sizes:
        image = Image.fromarray(picture(width, height, width))
        for mode in ("grey", 0, 1, 2):
            for variant in ("baseline", "optimised", "progressive", "restarts"):
                if variant in ("optimised", "restarts") and (width, height) not in [(17, 9), (24, 33)]:
                    continue
                if width == 67 and mode in ("grey", 1):
                    continue
                seed += 1
                options = dict(quality=qualities[seed % len(qualities)])
                if variant == "optimised": options["optimize"] = True
                if variant == "progressive": options["progressive"] = True
                if variant == "restarts": options["restart_marker_blocks"] = 1 + seed % 5
                if mode != "grey": options["subsampling"] = mode
                name = f"{width}x{height} {mode if mode == 'grey' else ['444', '422', '420'][mode]} {variant} {options['quality']}"
                add(name, saved(image.convert("L") if mode == "grey" else image, **options))
    image = Image.fromarray(picture(37, 26, 5))
    add("progressive with restarts", saved(image, progressive=True, restart_marker_rows=1, quality=80))
    add("Adobe RGB", saved(image, keep_rgb=True, quality=90))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        add(f"orientation {orientation}", saved(image.crop((0, 0, 13, 10)), exif=exif, quality=90, subsampling=orientation % 3))
    grey = Image.fromarray(picture(11, 6, 3)).convert("L")
    exif = Image.Exif()
    exif[0x0112] = 6
    add("orientation 6 grey", saved(grey, exif=exif))
    y, cb, cr = (np.asarray(p, float) for p in Image.fromarray(picture(29, 26, 9)).convert("YCbCr").split())
    for factors in ["11 11 11", "12 11 11", "41 11 11", "14 11 11", "31 11 11", "42 11 11", "24 11 11", "22 12 21", "21 11 21",
                    "11 21 12", "22 22 22", "11 22 11", "43 43 43", "44 44 44"]:
        pairs = [(int(f[0]), int(f[1])) for f in factors.split()]
        whole = sum(h * v for h, v in pairs) <= 10
        for size in [(29, 26), (3, 2)]:
            data = encoded([y, cb, cr], pairs, size, interleaved=whole)
            add(f"sampling {factors} {size[0]}x{size[1]}", data)
    three = [(2, 2), (1, 1), (1, 1)]
    add("one scan each", encoded([y, cb, cr], three, (29, 26), interleaved=False, restart=3))
    add("restarts with fill bytes", encoded([y, cb, cr], three, (29, 26), restart=1, fill=3))
    add("16-bit table", encoded([y, cb, cr], three, (21, 17), step=300, wide=True, frame=0xC1))
    add("components R, G, B", encoded([y, cb, cr], [(1, 1)] * 3, (21, 17), names=b"RGB"))
    add("components 1, 2, 3 with Adobe RGB",
        encoded([y, cb, cr], [(1, 1)] * 3, (21, 17), extra=segment(0xEE, b"Adobe\0\x64\0\0\0\0\0")))
    add("grey with sampling 2x2", encoded([y], [(2, 2)], (21, 17)))
    # libjpeg does not read this one; flat planes are the same at any sampling.
    flat = np.ones((9, 9))
    data = encoded([flat * 128, flat * 128, flat * 128], [(3, 3), (2, 2), (1, 1)], (40, 31), interleaved=False)
    items.append(("sampling 33 22 11, flat", data, np.full((31, 40, 3), 128, np.uint8)))
    return items


if __name__ == "__main__":
    items = matrix()
    path = os.path.join(here, "../DatasetsTests/Fixtures/jpeg.npz")
    pack(path, items)
    print(len(items), "pictures,", sum(len(f) for _, f, _ in items), "bytes of JPEG,", os.path.getsize(path), "bytes")
