# Runs a command for as long as the owner process lives, so that a killed owner leaves no orphan.
# usage: sh -c "$(cat guard.sh)" guard <owner pid> <log file> <folder to remove afterwards, or ''> <command> [args...]
owner=$1 log=$2 cleanup=$3
shift 3

"$@" >"$log" 2>&1 </dev/null &
child=$!

finish() {
  trap '' TERM INT HUP
  kill -INT "$child" 2>/dev/null
  wait "$child"
  if [ -n "$cleanup" ]; then rm -rf "$cleanup"; fi
  exit 0
}
trap finish TERM INT HUP

alive() {
  if [ -d /proc/self ]; then [ -d "/proc/$1" ]; else ps -p "$1" >/dev/null 2>&1; fi
}

# The sleep is waited for, because a shell handles a signal only between foreground commands.
while alive "$owner" && kill -0 "$child" 2>/dev/null; do
  sleep 1 &
  wait $!
done
finish
