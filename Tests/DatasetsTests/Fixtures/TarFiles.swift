// swift-format-ignore-file

/// Archives of Python's tarfile (`ustar`, `pax`, `gnu`: `tarfile.open(mode="w", format=...)`) and of GNU tar 1.34 (`tar -cf - ./set`),
/// gzipped, in base64.
///
/// The first three hold the folder `cats`, `cats/a.txt` ("hello") and 600 times "x" in `dogs/b.txt` or under a long name; `pax` and `gnu` also
/// a name of 60 umlauts.
enum TarFiles {
  static let ustar = "H4sIAAAAAAACA+3UMQ6DMAyFYR+FE5QgEnOeQKt2QEJqgsTxCYzAmjDwf4u9eXh6HnwMteRlErV2n8lxXuyqnZXKSQFziP6fTsozDVv+/hWXeGf+7pB/p66VypB/dr/POE6Cp3pP31D3t/a/aVpz7r/S/xIWIAM+KwAAAAAAAAAAAACUtQL6GkTZACgAAA=="
  static let pax = "H4sIAAAAAAACA+3YwQqCMBwG8J17Cl8g3d9tjg5Rx469wijRg2XoAh+uWy+WdYhYQUFtRn0/wXkT+fO5j62MbRPmF+9lUl7Wnrs+eM4yLVmkWAD71pqmfyX7T6vz/E1sOzvk/JUzf50pwSKO+XtX5lVVM/hXcRIn86XpFrlZ542//D/I/TXzqXLyTzwlzaIO+feOtIh2xpbTdV20SVVvi/HX3bZmk593qBHi+nEhxv5k/ycSTv8TXEqF/T+EDsAD/FnR/17ufyTu+x+h/wXpf2Jy0/+Oh2EutLtB+9/sDS8cHT0//yEn/5qTRP8L8vmIAAAAAAAAAADATzsBlrek4wAoAAA="
  static let gnu = "H4sIAAAAAAACA+3Y3wqCMBgF8D3KXiA398/bHsCXGCYWmUIu8OG668VaQUUm2M1m5PkJ6q18nH0HC+s6RsLinlHq/vSGz5F3Y6QiVJMITp2zR0rJQhW3+dvE9W7O+evB/DOTSkI55h/ctqzrlsBSJSxh67xtqnzX7APmfyT3z8yL19nwyH+mNaE58h/cpq06Vvv5r37u1thDGXYxQZT5T+z/NJWD/ie58pUA+z+CHiAAnKzof1/3Py4++p/K0P+i7f/LeZ4L7W4R85/+/5O+518LoQ36X5TPRwQAAAAAAAAAAP7aFVSyQpwAKAAA"
  static let gnuTar = "H4sIAAAAAAACA+3VQQqDMBRF0SwlKzCxSXQ9tpV2IATML7j8ip0p2FGipfdMIujs4ktlUi9GZWVnbQjLOVuf2+faeh+UDqqAV5Ju1FqNMcred9/e/6hq6X/rJJkT9a9d29K/cP+ukkly9W+83+kfVv0vLjilLf2ze/bDEBX+1ef/v8fHufbf25r9L9z/etD+z7e93e5/w/6XMAEZcLMCAAAAAAAAAAAc4w0ZClSvACgAAA=="
}
