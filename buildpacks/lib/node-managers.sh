# npm, yarn and pnpm for the nodejs buildpack. Sourced after node.sh; works in $BUILD_DIR.

default_yarn_classic=1.22.22
default_yarn=4.10.3
default_pnpm=10.18.0

# package_field KEY…: a value of package.json as text, nothing when it is not there.
package_field() {
  "$boot/bin/node" -e '
    let value = require(process.argv[1])
    for (const key of process.argv.slice(2)) value = value?.[key]
    if (value !== undefined && value !== null) process.stdout.write(typeof value === "string" ? value : JSON.stringify(value))' "$BUILD_DIR/package.json" "$@"
}

has_script() { [ -n "$(package_field scripts "$1")" ]; }

# Sets $manager by the lock file, else by packageManager of package.json.
choose_manager() {
  local locks=()
  manager=
  if [ -f pnpm-lock.yaml ]; then locks+=(pnpm-lock.yaml); manager=pnpm; fi
  if [ -f yarn.lock ]; then locks+=(yarn.lock); manager=yarn; fi
  if [ -f package-lock.json ] || [ -f npm-shrinkwrap.json ]; then locks+=(package-lock.json); manager=npm; fi
  if [ ${#locks[@]} -gt 1 ]; then fail "There is more than one lock file: ${locks[*]}." 'They can say different things. Remove all but one.'; fi
  if [ -z "$manager" ]; then
    case $(package_field packageManager) in pnpm@*) manager=pnpm ;; yarn@*) manager=yarn ;; *) manager=npm ;; esac
  fi
  if [ ${#locks[@]} -eq 0 ]; then warn "There is no lock file, so each build may install other versions. Commit one."; fi
}

# wanted_version NAME: an exact version from packageManager, or the newest within engines.NAME.
wanted_version() {
  local declared engine
  declared=$(package_field packageManager)
  if [[ $declared =~ ^$1@([0-9]+\.[0-9]+\.[0-9]+[^+]*) ]]; then echo "${BASH_REMATCH[1]}" && return; fi
  engine=$(package_field engines "$1")
  if [[ $engine =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]; then echo "$engine" && return; fi
  [ -z "$engine" ] || [ "$engine" = '*' ] || satisfies "${2:-0.0.0}" "$engine" || newest_within "${3:-$1}" "$engine"
}

resolve_npm() {
  local fits version
  fits=$(npm_for "$1")
  version=$(wanted_version npm "$fits") || exit 1
  echo "${version:-$fits}"
}

# The manager travels in the slug too: `web: yarn start` is a usual command.
install_manager() {
  local version
  case $manager in
    pnpm)
      [ ! -f pnpm-lock.yaml ] || version=$(sed -n "s/^lockfileVersion: *'\{0,1\}\([0-9]*\).*/\1/p" pnpm-lock.yaml | head -n 1)
      case ${version:-} in 5) version=7.33.7 ;; 6) version=8.15.9 ;; *) version=$default_pnpm ;; esac
      version=$(wanted_version pnpm "$version" | grep . || echo "$version")
      say "pnpm $version"
      install_tool pnpm "$version" pnpm pnpm=bin/pnpm.cjs pnpx=bin/pnpx.cjs
      ;;
    yarn)
      yarn_path=
      [ ! -f .yarnrc.yml ] || yarn_path=$(sed -n 's/^yarnPath: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' .yarnrc.yml | head -n 1)
      if [ -n "$yarn_path" ]; then
        yarn_major=2
        say "yarn of $yarn_path"
        printf '#!/bin/sh\nexec "$(dirname "$0")/node" "$(dirname "$0")/../../../%s" "$@"\n' "$yarn_path" >.homeport/node/bin/yarn
        chmod 755 .homeport/node/bin/yarn
        return
      fi
      if [ ! -f yarn.lock ] || grep -q '^# yarn lockfile v1' yarn.lock; then version=$default_yarn_classic; else version=$default_yarn; fi
      version=$(wanted_version yarn "$version" | grep . || echo "$version")
      yarn_major=${version%%.*}
      say "yarn $version"
      if [ "$yarn_major" -lt 2 ]; then install_tool yarn "$version" yarn yarn=bin/yarn.js yarnpkg=bin/yarn.js
      else install_tool @yarnpkg/cli-dist "$version" yarn yarn=bin/yarn.js; fi
      ;;
  esac
}

# Whether a dependency, or the app itself, may have to be compiled.
may_compile() {
  [ "$manager" != npm ] || [ ! -f package-lock.json ] || [ -f binding.gyp ] || grep -q '"hasInstallScript": *true' package-lock.json
}

install_dependencies() {
  local with_dev=--include=dev
  if [ "${npm_version%%.*}" -lt 7 ]; then with_dev=--production=false; fi
  case $manager in
    npm)
      if [ -f package-lock.json ] || [ -f npm-shrinkwrap.json ]; then
        if [ "${USE_NPM_INSTALL:-}" = true ]; then indented npm install "$with_dev"
        elif [ -z "$installed_key" ]; then indented npm ci "$with_dev"
        elif ! restore_installed; then indented npm ci "$with_dev" && keep_installed; fi
      else indented npm install "$with_dev" --no-package-lock; fi
      ;;
    pnpm)
      # Without a terminal pnpm asks nothing only where CI is set.
      export CI=${CI:-true} npm_config_manage_package_manager_versions=false npm_config_store_dir="$CACHE_DIR/pnpm" npm_config_package_import_method=clone-or-copy
      if [ -f pnpm-lock.yaml ]; then frozen=--frozen-lockfile; else frozen=--no-frozen-lockfile; fi
      indented pnpm install "$frozen" --prod=false --prefer-offline --reporter append-only
      ;;
    yarn)
      if [ "$yarn_major" -lt 2 ]; then
        indented yarn install --frozen-lockfile --ignore-engines --production=false --prefer-offline --non-interactive --no-progress --cache-folder "$CACHE_DIR/yarn"
      else
        # A Plug'n'Play app reads its packages from the cache at run time, so the cache lies in the app.
        export YARN_ENABLE_TELEMETRY=0 YARN_ENABLE_GLOBAL_CACHE=false
        if [ ! -d .yarn/cache ]; then
          export YARN_CACHE_FOLDER="$BUILD_DIR/.yarn/cache"
          mkdir -p .yarn
          if [ -d "$CACHE_DIR/yarn-cache" ]; then cp -R "$CACHE_DIR/yarn-cache" .yarn/cache; fi
          made_yarn_cache=1
        fi
        if [ -f yarn.lock ]; then indented yarn install --immutable; else indented yarn install; fi
      fi
      ;;
  esac
}

# installed_by NODE_VERSION NPM_VERSION: a key for all that `npm ci` depends on, where the lock file says all there is to know: no
# scripts run, nothing comes from the app's own folders. Called before the build sets npm variables of its own.
installed_by() {
  [ "$manager" = npm ] && [ -f package-lock.json ] && [ ! -f npm-shrinkwrap.json ] && [ ! -e node_modules ] || return 0
  if may_compile || grep -Eq '"(link|lockfileVersion)": *(true|1),?$|"(resolved|version)": *"(file|git)' package-lock.json; then return 0; fi
  local script
  for script in preinstall install postinstall prepublish preprepare prepare postprepare; do
    if has_script "$script"; then return 0; fi
  done
  {
    printf '%s\n' "$1" "$2" "$(platform)" "${NODE_ENV:-}"
    env | grep -i '^npm_config_' | LC_ALL=C sort || true
    cat package.json package-lock.json
    [ ! -f .npmrc ] || cat .npmrc
  } | digest_of 256 /dev/stdin
}

# What `npm ci` made of the same files before.
restore_installed() {
  local kept="$CACHE_DIR/homeport/node_modules-$installed_key.tar"
  [ -f "$kept" ] || return 1
  say 'Restoring node_modules: package.json and package-lock.json are as they were'
  tar xf "$kept"
}

# One at a time, and never written to again.
keep_installed() {
  rm -f "$CACHE_DIR/homeport"/node_modules-*.tar
  [ -d node_modules ] || return 0
  tar cf "$CACHE_DIR/homeport/node_modules.new" node_modules
  mv "$CACHE_DIR/homeport/node_modules.new" "$CACHE_DIR/homeport/node_modules-$installed_key.tar"
}

# Takes the devDependencies out again, unless the app wants them.
prune_dependencies() {
  if [ "$NODE_ENV" != production ]; then say 'Skipping because NODE_ENV is not "production"'; return; fi
  case $manager in
    npm)
      if [ "${NPM_CONFIG_PRODUCTION:-}" = false ]; then say 'Skipping because NPM_CONFIG_PRODUCTION is false'
      elif [ -z "$(package_field devDependencies)$(package_field workspaces)" ]; then say 'There are none'
      elif [ "${npm_version%%.*}" -lt 7 ]; then indented npm prune --production
      else indented npm prune --omit=dev; fi
      ;;
    pnpm)
      if [ "${PNPM_SKIP_PRUNING:-}" = true ] || [ -f pnpm-workspace.yaml ]; then say 'Skipping'; else indented pnpm prune --prod --ignore-scripts; fi
      ;;
    yarn)
      if [ "${YARN_PRODUCTION:-}" = false ]; then say 'Skipping because YARN_PRODUCTION is false'
      elif [ "$yarn_major" -lt 2 ]; then
        indented yarn install --frozen-lockfile --ignore-engines --ignore-scripts --production=true --prefer-offline --non-interactive --no-progress --cache-folder "$CACHE_DIR/yarn"
        rm -f node_modules/.yarn-integrity
      else
        indented yarn workspaces focus --all --production || say 'Skipping: this yarn has no `workspaces focus`'
        if [ -n "${made_yarn_cache:-}" ]; then
          rm -rf "$CACHE_DIR/yarn-cache" && cp -R .yarn/cache "$CACHE_DIR/yarn-cache"
          [ -f .pnp.cjs ] || rm -rf .yarn/cache
        fi
        rm -f .yarn/install-state.gz node_modules/.yarn-state.yml
      fi
      ;;
  esac
}

# run_script NAME: a script of package.json when it is there; its failure is the failure of the build.
run_script() {
  has_script "$1" || return 0
  heading "Running $1"
  if [ "$1" = build ] && [ -n "${NODE_BUILD_FLAGS:-}" ]; then set -- "$1" -- $NODE_BUILD_FLAGS; fi
  indented "$manager" run "$@" || fail "The script “$1” of package.json failed." 'The lines above say why.'
}

# `cacheDirectories` of package.json live from build to build; node_modules is made anew from the manager's own cache.
cache_directories() { package_field cacheDirectories | "$boot/bin/node" -e '
  const text = require("fs").readFileSync(0, "utf8")
  for (const dir of text === "" ? [] : JSON.parse(text)) {
    const clean = require("path").normalize(dir).replace(/\/$/, "")
    if (!/^(\.\.|\/)/.test(clean) && clean !== "." && !/(^|\/)node_modules$/.test(clean)) console.log(clean)
  }'; }

restore_cache_directories() {
  cache_directories | while IFS= read -r dir; do
    [ -d "$CACHE_DIR/directories/$dir" ] || continue
    say "Restoring $dir"
    mkdir -p "$(dirname "$dir")"
    rm -rf "./$dir" && cp -R "$CACHE_DIR/directories/$dir" "$dir"
  done
}

save_cache_directories() {
  rm -rf "$CACHE_DIR/directories"
  cache_directories | while IFS= read -r dir; do
    [ -d "$dir" ] || continue
    mkdir -p "$CACHE_DIR/directories/$(dirname "$dir")"
    cp -R "$dir" "$CACHE_DIR/directories/$dir"
  done
}
