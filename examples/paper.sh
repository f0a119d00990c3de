#!/usr/bin/env bash
# A paper message from end to end: two identities, one sealed message, read back and verified.
# usage: paper.sh COMMAND [ARG ...], the command that runs tesserae
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$@" id new --out "$folder/alice" >/dev/null
"$@" id new --out "$folder/bob" >/dev/null
card() { "$@" --json | sed -n 's/.*"contactCard": *"\([^"]*\)".*/\1/p'; }
alice=$(card "${@}" id show "$folder/alice")
bob=$(card "${@}" id show "$folder/bob")
echo
echo "Alice writes to $bob"
uri=$("$@" paper new --from "$folder/alice" --to "$bob" --title 'Hello' \
  --content 'This needs no network.' --stamp-cost 8)
echo "$uri"
echo
echo 'Bob reads it:'
"$@" paper read --identity "$folder/bob" --source "$alice" "$uri"
