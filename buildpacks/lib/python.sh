# A CPython that can be moved: the npm registry and PyPI have none, Maven Central has (org.bytedeco:cpython). Sourced after common.sh.

default_python=3.14

# What runs during the build writes no byte code: that would hold the times of files.
export PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0

# python_build MINOR PLATFORM: version of CPython, version of the package, SHA-256.
python_build() {
  case $1/$2 in
    3.14/linux-x64) echo 3.14.3 3.14.3-1.5.13-linux-x86_64 eb5f1a6fe2dc498ac18927189a37f28a47b0ba06ae6bd85112eff023fe2eb46f ;;
    3.14/linux-arm64) echo 3.14.3 3.14.3-1.5.13-linux-arm64 75d0ac8f457bdb2d6b684796c282ce4da1e0c377a02b954de2c718f80901a15f ;;
    3.14/darwin-arm64) echo 3.14.3 3.14.3-1.5.13-macosx-arm64 49a3055dc8f182744736f0c832f7637f0d515da7830b2049fa7da9f86220dbb1 ;;
    3.14/darwin-x64) echo 3.14.3 3.14.3-1.5.13-macosx-x86_64 16f6d92143248378b57cee445924b2c3388020abfc8982ffb6a6ba64d6d7bb23 ;;
    3.13/linux-x64) echo 3.13.5 3.13.5-1.5.12-linux-x86_64 50ad91aa0baa57f0235bb666b87d8bf2a44e215d28c250de1030502906af143b ;;
    3.13/darwin-arm64) echo 3.13.5 3.13.5-1.5.12-macosx-arm64 b9ccb29cafe9c0f9bf341fa1573ac0f112d3557c13c398115ab91926091fdc0a ;;
    3.13/darwin-x64) echo 3.13.5 3.13.5-1.5.12-macosx-x86_64 0c79e881075b8d7752be384a429a8b53d14ba00d939a7d04074deb1b1d3db19c ;;
    3.12/linux-x64) echo 3.12.1 3.12.1-1.5.10-linux-x86_64 a135fcf4dc01adebf7ea439252276fc3196db80f7e0dd3da0b61f1ec489b68bd ;;
    3.12/linux-arm64) echo 3.12.1 3.12.1-1.5.10-linux-arm64 4876e6a9eb45c4e2faf7c9f9ef8cb9f16a462c45c3440d4c2e15e6acc8f4e0df ;;
    3.12/darwin-x64) echo 3.12.1 3.12.1-1.5.10-macosx-x86_64 536045fa9d1b892b5ec2453d3d785eb44daa58ffa246fb04c0e28590283cf0e4 ;;
    3.11/linux-x64) echo 3.11.3 3.11.3-1.5.9-linux-x86_64 668b42f6a8b1a9789de7d3ca54a81fefb754cd8e885554b42858bbcbc0dd497c ;;
    3.11/linux-arm64) echo 3.11.3 3.11.3-1.5.9-linux-arm64 c98d023d4f79bdae2fb8973443324e48bb39e5b8f149a24e9d0317eb165d7925 ;;
    3.11/darwin-x64) echo 3.11.3 3.11.3-1.5.9-macosx-x86_64 223aed1538351b9df68781f60afa865c5ca6cc640353cb5d46b4706049cec5e4 ;;
    3.10/linux-x64) echo 3.10.8 3.10.8-1.5.8-linux-x86_64 2f101b1aa06effdbda3c318c1728b13f22b571707c7b7704abaf5d19a33aa981 ;;
    3.10/linux-arm64) echo 3.10.8 3.10.8-1.5.8-linux-arm64 b14738d971f43bcb7e74242980d0a621c4464b9a7f1294d22c17f9186b32db09 ;;
    3.10/darwin-x64) echo 3.10.8 3.10.8-1.5.8-macosx-x86_64 e48672084ecbfc071bd7ed84c4f4bad7dafcf4bde99919be4ebdf4be167b003f ;;
  esac
}

# Sets $python_wanted and $python_source from .python-version, else runtime.txt.
read_python_version() {
  python_wanted= python_source=
  if [ -f .python-version ]; then
    python_source=.python-version
    python_wanted=$(grep -v '^ *#' .python-version | tr -d ' \r' | grep . | head -n 1 || true)
  elif [ -f runtime.txt ]; then
    python_source=runtime.txt
    python_wanted=$(tr -d ' \r' <runtime.txt | head -n 1)
  fi
  python_wanted=${python_wanted#python-}
}

# fetch_python MINOR: leaves a CPython, ready to be copied, in a folder of the cache. Sets $python_version and $runtime.
fetch_python() {
  local package digest work="$CACHE_DIR/homeport/work"
  read -r python_version package digest <<<"$(python_build "$1" "$(platform)")" || true
  [ -n "$python_version" ] || fail "There is no Python $1 for $(platform) in the package registries." "Name one of 3.10 to 3.14 in .python-version, or bring your own with a buildpack."
  runtime="$CACHE_DIR/homeport/python-$python_version"
  [ ! -d "$runtime" ] || return 0
  rm -rf "$work" && mkdir -p "$work"
  say "Fetching Python $python_version"
  download "https://repo1.maven.org/maven2/org/bytedeco/cpython/${package%-*-*}/cpython-$package.jar" "$work/python.jar" || fail "Python $python_version cannot be fetched from Maven Central."
  [ "$(digest_of 256 "$work/python.jar")" = "$digest" ] || fail "Python $python_version from Maven Central is not the one that this buildpack knows."
  unzip_to "$work/python.jar" "$work/unpacked"
  mv "$work/unpacked/org/bytedeco/cpython/"*-* "$work/python"
  prepare_python "$work/python" "$1"
  mv "$work/python" "$runtime"
  rm -rf "$work"
}

# A zip has neither links nor run bits; and much of it serves only Java, tests or a desktop.
prepare_python() {
  local dir=$1 minor=$2 lib="$1/lib/python$2" file
  rm -rf "$dir"/libjnipython.* "$dir/libs" "$dir/lib/cmake" "$dir/libffi.so" "$dir/share" "$dir/python$minor" "$dir/META-INF" "$lib/test" "$lib/idlelib" "$lib/tkinter" "$lib/turtledemo" "$lib"/config-* \
    "$lib/ensurepip" "$lib/lib-dynload/"*_test* "$lib/lib-dynload/"*xx* "$dir/lib/"*.a "$dir/lib/pkgconfig" "$dir/bin/"{idle,pydoc,2to3,c_rehash,pip}* "$dir/bin/"*-config
  find "$dir" -name __pycache__ -prune -exec rm -rf {} +
  rm -f "$dir/bin/python3"
  ln -s "python$minor" "$dir/bin/python3"
  ln -s python3 "$dir/bin/python"
  chmod 755 "$dir/bin/python$minor"
  # The modules look for libraries beside themselves first. A bare stack lacks these two.
  for file in "$dir"/libffi.so.* $(ldd "$lib/lib-dynload/"*.so 2>/dev/null | sed -n 's/.*\(libsqlite3\|libreadline\)\.so[^ ]* => \(\/[^ ]*\).*/\2/p' | sort -u); do
    [ -f "$file" ] && cp -L "$file" "$lib/lib-dynload/"
  done
  "$dir/bin/python3" "$pack/lib/packages.py" relocate "$dir" "$dir"
  # Times of files mean nothing in a slug, so byte code goes by hash, and is never looked up again.
  "$dir/bin/python3" -m compileall -q -f -j 0 --invalidation-mode unchecked-hash -s "$dir" -p /app/.homeport/python "$lib" >/dev/null || true
  "$dir/bin/python3" -c 'import ssl, sqlite3, ctypes, zlib, bz2, lzma' || fail "Python $minor does not run on this machine (it needs a newer C library, or libz, libbz2, liblzma)." "Ask for 3.12 in .python-version, or install what is missing."
}
