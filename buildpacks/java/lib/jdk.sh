# The JDK that builds, and the runtime that is made of it. No registry but Debian's has a whole JDK, so it is the machine's.

# find_jdk MAJOR|'': sets $jdk and $jdk_version; a JDK of the wanted major version, else the first that is found.
find_jdk() {
  local wanted=$1 candidate version
  wanted=${wanted#1.} && wanted=${wanted#openjdk-} && wanted=${wanted#zulu-} && wanted=${wanted%%.*}
  jdk=
  for candidate in ${JAVA_HOME:+"$JAVA_HOME"} "$(home_of_javac)" /usr/lib/jvm/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -x "$candidate/bin/javac" ] || continue
    version=$("$candidate/bin/javac" -version 2>&1 | sed 's/^javac //')
    if [ -z "$wanted" ] || [ "${version%%[.+-]*}" = "$wanted" ]; then
      jdk=$candidate jdk_version=$version
      break
    fi
  done
  [ -n "$jdk" ] || unpack_debian_jdk "${wanted:-17}"
}

home_of_javac() {
  local javac link
  javac=$(command -v javac) || return 0
  while link=$(readlink "$javac"); do case $link in /*) javac=$link ;; *) javac=$(dirname "$javac")/$link ;; esac; done
  dirname "$(dirname "$javac")"
}

# On Debian and its kin the packages can be unpacked without being installed.
unpack_debian_jdk() {
  local major=$1 dir="$CACHE_DIR/homeport/debian-jdk-$1" work="$CACHE_DIR/homeport/work" package
  if [ ! -d "$dir" ]; then
    if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then no_jdk "$major"; fi
    say "Fetching openjdk-$major of this system's packages"
    rm -rf "$work" && mkdir -p "$work/jdk"
    (cd "$work" && indented apt-get download "openjdk-$major-jdk-headless" "openjdk-$major-jre-headless") || no_jdk "$major"
    for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/jdk"; done
    # Its settings lie in /etc and are reached by links, which lead nowhere here.
    find "$work/jdk/usr/lib/jvm" -type l -lname '/etc/java*' | while IFS= read -r package; do
      ln -sfn "$work/jdk$(readlink "$package")" "$package.real" && cp -RL "$package.real" "$package.copy" && rm -f "$package" "$package.real" && mv "$package.copy" "$package"
    done
    mv "$work/jdk" "$dir"
    rm -rf "$work"
  fi
  jdk=$(ls -d "$dir/usr/lib/jvm/java-$major-openjdk-"* | head -n 1)
  jdk_version=$("$jdk/bin/javac" -version 2>&1 | sed 's/^javac //')
}

no_jdk() { fail "There is no JDK $1 on this machine, and its packages cannot be fetched." "Install one (apt-get install openjdk-$1-jdk-headless, brew install openjdk@$1), or name another in system.properties."; }

# Sets $runtime: what a server needs of the JDK, made once and kept in the cache.
make_runtime() {
  local modules available module
  runtime="$CACHE_DIR/homeport/java-runtime-$jdk_version"
  [ ! -d "$runtime" ] || return 0
  rm -rf "$CACHE_DIR"/homeport/java-runtime-* "$CACHE_DIR/homeport/work"
  mkdir -p "$CACHE_DIR/homeport"
  available=$("$jdk/bin/java" --list-modules 2>/dev/null | sed 's/@.*//') || available=
  modules=java.se
  for module in jdk.charsets jdk.crypto.cryptoki jdk.crypto.ec jdk.httpserver jdk.jcmd jdk.jdwp.agent jdk.jfr jdk.localedata jdk.management jdk.management.agent \
    jdk.naming.dns jdk.net jdk.security.auth jdk.security.jgss jdk.unsupported jdk.xml.dom jdk.zipfs; do
    if printf '%s\n' "$available" | grep -qx "$module"; then modules=$modules,$module; fi
  done
  if [ -x "$jdk/bin/jlink" ] && "$jdk/bin/jlink" --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages --output "$CACHE_DIR/homeport/work" >"$CACHE_DIR/jlink.log" 2>&1; then
    say "jlink: $modules"
  elif [ -d "$jdk/jre" ]; then cp -RL "$jdk/jre" "$CACHE_DIR/homeport/work"
  else
    cat "$CACHE_DIR/jlink.log" 2>/dev/null || true
    fail 'jlink could not make a runtime of this JDK.' 'A whole JDK has jlink and the folder jmods.'
  fi
  rm -f "$CACHE_DIR/jlink.log"
  mv "$CACHE_DIR/homeport/work" "$runtime"
}
