#!/bin/sh
# Installs rocaml: copies this folder's bin, lib and share below a prefix. Nothing else on the machine is touched, and the
# installed tree may be moved afterwards.
set -eu

usage() {
  echo "usage: ./install.sh --prefix DIR"
  exit "$1"
}

prefix=
while [ $# -gt 0 ]; do
  case $1 in
    --prefix) [ $# -ge 2 ] || usage 2; prefix=$2; shift 2 ;;
    --prefix=*) prefix=${1#--prefix=}; shift ;;
    -h | --help) usage 0 ;;
    *) echo "install.sh: unknown argument '$1'" >&2; usage 2 >&2 ;;
  esac
done
[ -n "$prefix" ] || usage 2 >&2

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
mkdir -p -- "$prefix"
for part in bin lib share; do
  cp -R -- "$here/$part" "$prefix/"
done
cp -- "$here/manifest.json" "$prefix/share/doc/rocaml/"
echo "rocaml is installed in $prefix; add $prefix/bin to PATH."
