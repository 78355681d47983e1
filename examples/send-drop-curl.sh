#!/bin/bash
# send-drop-curl.sh FOLDER: sends the files of a folder as one drop with curl and a password, then waits for the report.
#
# Exit code: 0 accepted, 1 rejected (the report is printed), 2 not sent, 3 sent, but no verdict yet.
set -euo pipefail

# --- yours to fill in, as the receiving side told you; the environment may say otherwise
server=${SEND_SERVER:-sftp.example.org}
port=${SEND_PORT:-22}
account=${SEND_ACCOUNT:-lakeview}
upload=${SEND_UPLOAD:-upload}
password_file=${SEND_PASSWORD_FILE:-$HOME/.ssh/send-drop.password} # one line, mode 0600
fingerprint=${SEND_FINGERPRINT:-}                                  # of the server's key, without the word SHA256:
tries=${SEND_TRIES:-3}
pause_seconds=${SEND_PAUSE_SECONDS:-60}
wait_seconds=${SEND_WAIT_SECONDS:-1800} # for the report; 0: don't wait

say() { echo "$(date '+%F %T') $*" >&2; }
fail() { say "$*" && exit 2; }

# curl with these options; the login is read from standard input, so that the password is in no list of processes
run_curl() {
    local password
    password=$(head -n 1 "$password_file" | sed 's/[\\"]/\\&/g')
    curl --disable --silent --show-error --proto =sftp --hostpubsha256 "$fingerprint" --connect-timeout 20 \
        --speed-limit 1 --speed-time 60 --config - "$@" <<<"user = \"$account:$password\""
}

send() { # as the epoch $1: the directory, the files, and when all of them are there COMPLETE
    local to="sftp://$server:$port/~/$upload/$1" name
    # mkdir fails if there is one already: nothing is ever overwritten
    run_curl --quote "mkdir $upload/$1" "sftp://$server:$port/~/$upload/" >/dev/null || return 1
    for name in "${names[@]}"; do
        run_curl --upload-file "$name" "$to/${name// /%20}" || return 1
    done
    # curl makes directories that the receiver can't take away; after COMPLETE it opens this one
    run_curl --upload-file "$scratch/COMPLETE" --quote "-chmod 770 $upload/$1" "$to/COMPLETE"
}

fetch_report() { # of the epoch $1; fails while there is none
    run_curl --output "$scratch/report" "sftp://$server:$port/~/$upload/results/$1.txt" 2>"$scratch/trouble"
}

[[ $# -eq 1 && -d $1 ]] || fail "usage: $0 FOLDER"
[[ -n $fingerprint ]] || fail "the fingerprint of the server's key is not filled in"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
: >"$scratch/COMPLETE"
cd "$1"

names=()
for name in *; do
    [[ -f $name && $name != COMPLETE ]] || continue
    [[ $name =~ ^[A-Za-z0-9][A-Za-z0-9._\ -]*$ ]] || fail "a file has odd characters in its name: $(printf %q "$name")"
    names+=("$name")
done
[[ ${#names[@]} -gt 0 ]] || fail "there is no file in $1"

for ((try = 1; ; try++)); do
    epoch=$(date -u +%Y%m%d-%H%M%S) # a new name for each try, nothing is mixed with an older one
    if send "$epoch"; then break; fi
    say "try $try of $tries: $epoch was not sent"
    [[ $try -lt $tries ]] || fail "nothing was sent"
    sleep "$pause_seconds"
done
say "sent $epoch: ${#names[@]} files"
[[ $wait_seconds -gt 0 ]] || exit 0

SECONDS=0 # the wait begins now, however long the sending took
until fetch_report "$epoch"; do
    if [[ $SECONDS -gt $wait_seconds ]]; then
        cat "$scratch/trouble" >&2
        say "no report of $epoch yet: look into $upload/results later"
        exit 3
    fi
    sleep $((wait_seconds < 15 ? 1 : 15))
done
cat "$scratch/report"
case $(head -n 1 "$scratch/report") in
    ACCEPTED*) exit 0 ;;
    REJECTED* | "This drop was not loaded"*) exit 1 ;;
    *) exit 3 ;; # on hold, or trouble on the receiving side: its first line says which
esac
