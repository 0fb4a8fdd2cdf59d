# SPDX-License-Identifier: Apache-2.0
# "file:function lines" of every function in the house form: its name and its
# braces stand at column 0.
FNR == 1 {
	name = ""
	in_body = 0
}
/^[A-Za-z_].*\(/ && !in_body {
	name = $0
	sub(/\(.*/, "", name)
	sub(/.*[ *]/, "", name)
	start = FNR
}
/^\{/ {
	in_body = 1
}
/^\}/ && in_body {
	print FILENAME ":" name, FNR - start + 1
	in_body = 0
}
