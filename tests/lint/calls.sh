#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who may call what.
. "$(dirname "$0")/lint.sh"

# but FINDINGS-FILTER: drops the places where a call is at home.
but ()
{
	grep -vE "^($1)"
}

rule "no call that overruns, races or shells out" "$(
	calls 'sprintf|vsprintf|strcpy|strcat|gets|system|popen|tmpnam|tempnam|mktemp' \
		core plugins include tests)"
rule "nothing waits by sleeping" "$(
	calls 'sleep|usleep' core plugins include tests)"
rule "only output/, the command layer and the log print" "$(
	calls 'v?f?printf|v?dprintf|f?puts|f?putc|putchar|perror' core plugins |
		but 'core/output/|core/cli/|core/main\.c:|core/base/log\.c:')"
rule "only the command layer and launch/ exit" "$(
	calls 'exit|quick_exit' core plugins |
		but 'core/cli/|core/launch/|core/main\.c:')"
rule "only launch/ makes processes" "$(
	calls 'v?fork|clone3?|posix_spawnp?|daemon' core plugins |
		but 'core/launch/')"
rule "only plugin/ loads modules" "$(
	calls 'dlm?open|dlsym' core plugins | but 'core/plugin/')"
plan
