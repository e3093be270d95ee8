# Packages for the python buildpack. Works in $BUILD_DIR with $prefix, the Python of the slug.

uv_version=0.9.7
poetry_version=2.2.1

# Sets $manager and $lock.
choose_manager() {
  local found=()
  if [ -f uv.lock ]; then found+=(uv:uv.lock); fi
  if [ -f poetry.lock ]; then found+=(poetry:poetry.lock); fi
  if [ -f Pipfile.lock ]; then found+=(pipfile:Pipfile.lock); fi
  if [ -f requirements.txt ]; then found+=(pip:requirements.txt); fi
  if [ ${#found[@]} -eq 0 ]; then if [ -f pyproject.toml ] || [ -f setup.py ]; then found+=(project:.); else found+=(none:); fi; fi
  manager=${found[0]%%:*} lock=${found[0]#*:}
  if [ ${#found[@]} -gt 1 ]; then warn "There is more than one list of packages; $lock is used."; fi
  if [ -f Pipfile ] && [ ! -f Pipfile.lock ] && [ "$manager" = none ]; then fail 'There is a Pipfile but no Pipfile.lock.' 'Run `pipenv lock` and commit it.'; fi
}

# The packages of an unchanged list come from the cache as they were: without network, and the same bytes.
install_packages() {
  local kept
  case $manager in none) say 'No packages to install'; return ;; esac
  kept="$CACHE_DIR/python-packages-$(packages_key)"
  if can_be_kept && [ -f "$kept.tar" ]; then
    heading "Installing packages of $lock from the cache"
    tar xf "$kept.tar" -C "$prefix"
    return
  fi
  heading "Installing packages of $lock"
  find "$prefix" -type f >"$CACHE_DIR/before"
  "install_by_$manager" || fail "The packages of $lock could not be installed." 'The lines above say which one, and why.'
  "$prefix/bin/python3" "$pack/lib/packages.py" relocate "$prefix" "$BUILD_DIR"
  python3 -m compileall -q -f -j 0 --invalidation-mode unchecked-hash -s "$prefix" -p /app/.homeport/python "$prefix/lib/python$minor/site-packages" >/dev/null 2>&1 || true
  rm -f "$CACHE_DIR"/python-packages-*.tar
  if can_be_kept; then
    (cd "$prefix" && find . -type f | sed 's|^\.|'"$prefix"'|' | sort | comm -13 <(sort "$CACHE_DIR/before") - | sed 's|^'"$prefix"'/||' | tar cf "$kept.tar" -T -)
  fi
  rm -f "$CACHE_DIR/before"
}

# Names what the packages depend on.
packages_key() {
  local file="$CACHE_DIR/key"
  { echo "$python_version $manager 1"; cat "$lock" pyproject.toml ./*requirements*.txt requirements/*.txt constraints.txt 2>/dev/null || true; } >"$file"
  digest_of 256 "$file" | cut -c1-32
  rm -f "$file"
}

# Not when a list names folders, or what may move without a change of the list.
can_be_kept() {
  case $manager in
    pip) ! cat requirements.txt ./*requirements*.txt requirements/*.txt 2>/dev/null | grep -qE '^ *(-e|--editable|\.|/|file:|[a-z]+\+|https?:)|@ *(file:|[a-z]+\+|https?:)' ;;
    project) false ;;
    *) true ;;
  esac
}

pip() {
  PIP_CACHE_DIR="$CACHE_DIR/pip" PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_WARN_SCRIPT_LOCATION=1 "$prefix/bin/python3" -m pip "$@"
}

install_by_pip() { indented pip install --no-compile --progress-bar off -r requirements.txt; }
install_by_project() { indented pip install --no-compile --progress-bar off .; }

install_by_pipfile() {
  "$prefix/bin/python3" "$pack/lib/packages.py" pipfile Pipfile.lock >"$CACHE_DIR/pipfile.txt"
  indented pip install --no-compile --progress-bar off --no-deps -r "$CACHE_DIR/pipfile.txt"
}

install_by_uv() {
  local tool="$CACHE_DIR/homeport/uv-$uv_version"
  if [ ! -x "$tool/bin/uv" ]; then
    rm -rf "$tool"
    pip install --quiet --target "$tool" "uv==$uv_version"
  fi
  export UV_CACHE_DIR="$CACHE_DIR/uv" UV_PROJECT_ENVIRONMENT="$prefix" UV_PYTHON="$prefix/bin/python3" UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_NO_PROGRESS=1 UV_COMPILE_BYTECODE=0
  indented "$tool/bin/uv" sync --locked --no-default-groups --no-install-project --inexact
}

install_by_poetry() {
  local tool="$CACHE_DIR/homeport/poetry-$poetry_version"
  if ! "$tool/bin/poetry" --version >/dev/null 2>&1; then
    rm -rf "$tool"
    "$runtime/bin/python3" -m venv --without-pip "$tool"
    PIP_CACHE_DIR="$CACHE_DIR/pip" PIP_DISABLE_PIP_VERSION_CHECK=1 "$prefix/bin/python3" -m pip --python "$tool/bin/python" install --quiet "poetry==$poetry_version"
  fi
  export POETRY_CACHE_DIR="$CACHE_DIR/poetry" POETRY_VIRTUALENVS_CREATE=false VIRTUAL_ENV="$prefix"
  # It asks by a library that goes by this name, where every other tool here goes by SSL_CERT_FILE.
  if [ -n "${SSL_CERT_FILE:-}" ]; then export REQUESTS_CA_BUNDLE=${REQUESTS_CA_BUNDLE:-$SSL_CERT_FILE}; fi
  indented "$tool/bin/poetry" install --only main --no-root --no-interaction --no-ansi
}
