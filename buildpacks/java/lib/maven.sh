# Maven for the java buildpack: the app's wrapper, else a fixed version from Maven Central.

maven_version=3.9.16
maven_digest=831a8591fe20c8243b1dbe7d71e3244f31d1665b0804b2e825e38cbbe5ce0cafb8338851f90780735568773e0a6cd07bbec107cda0b896b008b861075358b6f6

# Sets $maven.
choose_maven() {
  local work="$CACHE_DIR/homeport/work" dir="$CACHE_DIR/homeport/maven-$maven_version"
  if [ -f mvnw ]; then
    chmod +x mvnw
    maven=./mvnw
    export MAVEN_USER_HOME="$CACHE_DIR/maven-home"
    return
  fi
  maven="$dir/bin/mvn"
  [ ! -d "$dir" ] || return 0
  rm -rf "$work" && mkdir -p "$work"
  say "Fetching Maven $maven_version"
  download "https://repo1.maven.org/maven2/org/apache/maven/apache-maven/$maven_version/apache-maven-$maven_version-bin.tar.gz" "$work/maven.tgz" || fail "Maven $maven_version cannot be fetched from Maven Central."
  [ "$(digest_of 512 "$work/maven.tgz")" = "$maven_digest" ] || fail "Maven $maven_version from Maven Central is not the one that this buildpack knows."
  tar xzf "$work/maven.tgz" -C "$work"
  mv "$work/apache-maven-$maven_version" "$dir"
  rm -rf "$work"
}

# With the same project files as in the last good build all that Maven needs is in the cache: it then asks nobody.
run_maven() {
  local key offline='' settings=''
  export MAVEN_OPTS="${MAVEN_OPTS:--Xmx1024m}$(proxy_options)"
  key=$({ echo "$maven $maven_version $jdk_version"; find . -name pom.xml -not -path '*/target/*' | sort | xargs cat; } >"$CACHE_DIR/key" && digest_of 256 "$CACHE_DIR/key")
  rm -f "$CACHE_DIR/key"
  if [ "$(cat "$CACHE_DIR/maven-key" 2>/dev/null || true)" = "$key" ]; then offline=--offline; fi
  if [ -n "${MAVEN_SETTINGS_PATH:-}" ]; then settings="--settings $MAVEN_SETTINGS_PATH"; elif [ -f settings.xml ]; then settings='--settings settings.xml'; fi
  heading "Executing Maven"
  say "\$ mvn ${MAVEN_CUSTOM_OPTS:--DskipTests} ${MAVEN_CUSTOM_GOALS:-clean install}"
  # shellcheck disable=SC2086
  indented "$maven" --batch-mode --no-transfer-progress -Dstyle.color=never $offline $settings -Dmaven.repo.local="$CACHE_DIR/maven-repository" \
    -Dproject.build.outputTimestamp=2000-01-01T00:00:00Z ${MAVEN_CUSTOM_OPTS:--DskipTests} ${MAVEN_CUSTOM_GOALS:-clean install} || fail 'Maven failed to build the app.' 'The lines above say why.'
  printf '%s' "$key" >"$CACHE_DIR/maven-key"
}

# Java knows proxies by properties, not by variables.
proxy_options() {
  local proxy=${HTTPS_PROXY:-${https_proxy:-}} host
  [ -n "$proxy" ] || return 0
  host=${proxy#*://} && host=${host##*@} && host=${host%%/*}
  case $host in *:*) printf ' -Daether.connector.http.useSystemProperties=true -Dhttps.proxyHost=%s -Dhttps.proxyPort=%s' "${host%%:*}" "${host##*:}" ;; esac
}
