#!/bin/sh
// 2>/dev/null; exec node -- "$0" "$@" # Node looks for its own --env-file among our flags, and obeys NODE_OPTIONS in that file, unless -- stands before us.
import '../dist/cli/main.js';
