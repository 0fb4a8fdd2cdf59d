# SPDX-License-Identifier: Apache-2.0
# C without comments and without what stands in quotes, each line with its
# place before it. No line continues a string literal in the house form.
FNR == 1 {
	in_comment = 0
}
{
	rest = $0
	code = ""
	while (rest != "") {
		if (in_comment) {
			end = index(rest, "*/")
			if (!end)
				break
			rest = substr(rest, end + 2)
			in_comment = 0
			continue
		}
		if (!match(rest, /\/\*|\/\/|"|'/)) {
			code = code rest
			break
		}
		token = substr(rest, RSTART, RLENGTH)
		code = code substr(rest, 1, RSTART - 1)
		rest = substr(rest, RSTART + RLENGTH)
		if (token == "//")
			break
		if (token == "/*") {
			in_comment = 1
			continue
		}
		if (token == "'")
			found = match(rest, /^([^'\\]|\\.)*'/)
		else
			found = match(rest, /^([^"\\]|\\.)*"/)
		rest = found ? substr(rest, RLENGTH + 1) : ""
		code = code token token
	}
	print FILENAME ":" FNR ":" code
}
