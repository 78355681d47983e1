#!/bin/bash
# send-drop-lftp.sh FOLDER: sends the files of a folder as one drop with lftp and a password, then waits for the report.
#
# Exit code: 0 accepted, 1 rejected (the report is printed), 2 not sent, 3 sent, but no verdict yet.
set -euo pipefail

# --- yours to fill in, as the receiving side told you; the environment may say otherwise
server=${SEND_SERVER:-sftp.example.org}
port=${SEND_PORT:-22}
account=${SEND_ACCOUNT:-lakeview}
upload=${SEND_UPLOAD:-upload}
password_file=${SEND_PASSWORD_FILE:-$HOME/.ssh/send-drop.password} # one line, mode 0600
known_hosts=${SEND_KNOWN_HOSTS:-$HOME/.ssh/send-drop.hosts}        # the server's key, and no other
tries=${SEND_TRIES:-3}
pause_seconds=${SEND_PAUSE_SECONDS:-60}
wait_seconds=${SEND_WAIT_SECONDS:-1800} # for the report; 0: don't wait

say() { echo "$(date '+%F %T') $*" >&2; }
fail() { say "$*" && exit 2; }

# lftp commands on standard input; fails at the first that fails
run_lftp() {
    local ssh="ssh -a -x -o PubkeyAuthentication=no -o StrictHostKeyChecking=yes -o UserKnownHostsFile='$known_hosts'"
    {
        echo "set cmd:fail-exit yes; set net:max-retries 1; set net:timeout 30; set xfer:clobber yes"
        echo "set sftp:connect-program \"$ssh\""
        echo "open --env-password --user $account -p $port sftp://$server"
        cat
    } >"$scratch/commands"
    # by the environment, so that the password is in no list of processes
    LFTP_PASSWORD=$(head -n 1 "$password_file") lftp --norc -f "$scratch/commands" >/dev/null
}

send() { # as the epoch $1: the directory, the files, and when all of them are there COMPLETE
    {
        echo "mkdir $upload/$1" # fails if there is one already: nothing is ever overwritten
        for name in "${names[@]}"; do
            echo "put \"$name\" -o \"$upload/$1/$name\""
            echo "chmod 660 \"$upload/$1/$name\"" # the receiver must be able to read what is private here
        done
        echo "put \"$scratch/COMPLETE\" -o $upload/$1/COMPLETE"
    } | run_lftp
}

fetch_report() { # of the epoch $1; fails while there is none
    echo "get $upload/results/$1.txt -o \"$scratch/report\"" | run_lftp 2>"$scratch/trouble"
}

[[ $# -eq 1 && -d $1 ]] || fail "usage: $0 FOLDER"
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
