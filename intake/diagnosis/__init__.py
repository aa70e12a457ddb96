"""Why an invoice is not simply in the register, what shows it, and what to do (domain.md §9.4).

Start reading at `tree`. The nodes stand in one module a subject: `paper` (what it is), `reading` (was it read rightly),
`register` (does the register reach it), `buyer` (whose is it), `genuine` (is it in force and true). `case` is what they
look at, `reach` how far a register source goes and when to look again. All of it is pure.
"""
