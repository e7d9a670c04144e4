#!/bin/sh
// 2>/dev/null; exec node --max-semi-space-size=4 -- "$0" "$@" # Without -- Node looks for its own --env-file among our flags, and obeys NODE_OPTIONS in that file. A message lives for milliseconds: with more room for the young, V8 lets 30 MB of them grow old before it looks.
import '../dist/cli/main.js';
