/** Where the engine puts the config vars of a dyno: a file that only the dyno's own user can read, in memory. */
export const configFile = '/run/secrets/homeport-config'

/**
 * The engine stops a dyno that is routed to with this signal, which every program ignores by default; only after `leaveMs`, when
 * the routers have taken it out, comes the SIGTERM of the platform.
 */
export const leaveSignal = 'SIGURG'
/** Routers look 3 times a second; this is what they need on a busy machine. */
export const leaveMs = 1_500

/** A line of the platform's own among those of a dyno begins with it. */
export const platformMark = '\u001eheroku '

/**
 * Runs a command of a slug inside its container, as the platform boots a dyno (platform.md c.2): config vars, /etc/profile,
 * `.profile.d`, `.profile`, then the command. Given to `bash -c` with the command as `$1`; a second argument is an exact argv.
 *
 * It stays as the parent: SIGTERM reaches every process (the container's init passes it to the whole group; after `leaveSignal` it is
 * sent from here, to all processes), and the container ends only when all of them have, or when the engine kills them (c.3). Of a death for lack of memory it says R15 (c.5).
 */
export const bootScript = `
cd "$HOME" || exit 1
[ -r ${configFile} ] && . ${configFile}
export HOME PORT DYNO PS
homeport_path=$PATH
[ -r /etc/profile ] && . /etc/profile
PATH=$homeport_path
unset homeport_path
for homeport_script in "$HOME"/.profile.d/*.sh; do [ -r "$homeport_script" ] && . "$homeport_script"; done
[ -r "$HOME/.profile" ] && . "$HOME/.profile"
unset homeport_script TINI_KILL_PROCESS_GROUP
homeport_stopping=
trap 'homeport_stopping=1' TERM
trap 'read -r -t ${leaveMs / 1000} <> <(:); homeport_stopping=1; kill -TERM -1' ${leaveSignal.replace('SIG', '')}
if [ "$#" -gt 1 ]; then shift; "$@" <&0 & else bash -c "$1" <&0 & fi
homeport_child=$!
while :; do
  { wait "$homeport_child"; homeport_code=$?; } 2>/dev/null
  kill -0 "$homeport_child" 2>/dev/null || break
done
if [ -n "$homeport_stopping" ]; then
  while :; do
    homeport_left=
    for homeport_process in /proc/[0-9]*; do
      case \${homeport_process#/proc/} in 1 | $$) ;; *) homeport_left=1 ;; esac
    done
    [ -z "$homeport_left" ] && break
    read -r -t 0.1 <> <(:)
  done
fi
if [ "$homeport_code" = 137 ]; then
  homeport_events=$(cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null)
  case $homeport_events in
    *'oom_kill 0'*) ;;
    *oom_kill*) printf '${platformMark}Error R15 (Memory quota vastly exceeded)\\n${platformMark}Stopping process with SIGKILL\\n' ;;
  esac
fi
exit "$homeport_code"
`

/**
 * Whether a web dyno may take traffic. Arguments: port, path ('' when listening is enough), text of the body, attempts. A dyno that
 * listens and gives wrong answers so often that its check has failed is killed, with the reason as its last line, instead of
 * after the whole boot time. Once up, listening is enough.
 */
export const healthScript = `
port=$1 path=$2 content=$3 attempts=$4
exec 3<>"/dev/tcp/$HOSTNAME/$port" || { echo "nothing listens on port $port"; exit 1; } 2>/dev/null
[ -z "$path" ] || [ -e /dev/shm/homeport-up ] && exit 0
printf 'GET %s HTTP/1.1\\r\\nHost: localhost\\r\\nUser-Agent: homeport-check\\r\\nConnection: close\\r\\n\\r\\n' "$path" >&3
IFS=' ' read -r _ code _ <&3
body=$(cat <&3 | tr -d '\\0')
case $code in 2* | 3*) case $body in *"$content"*) : >/dev/shm/homeport-up; exit 0 ;; esac; said="lacks the text that it should have" ;; *) said="was answered \${code:-by nothing}" ;; esac
failed=$(cat /dev/shm/homeport-failed 2>/dev/null)
failed=$((failed + 1))
echo "$failed" >/dev/shm/homeport-failed
echo "GET $path $said"
[ "$failed" -lt "$attempts" ] && exit 1
printf '${platformMark}Health check failed: GET %s %s, %s times\\n' "$path" "$said" "$failed" >/proc/1/fd/1
kill -KILL -1
exit 1
`

/** The file that `configFile` is: one line that sets and exports each variable, whatever its value has in it. */
export function renderConfigFile(values: ReadonlyMap<string, string>): string {
  return [...values].map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`).join('')
}
