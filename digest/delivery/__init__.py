"""A feed's day as one message to a chat, a phone or a mailbox: once for each feed, day and target.

One delivery's way:

    planning.py    which days are due for a target, and whether to send now or to wait (pure)
    claims.py      the claim in the configured store: the first to count to one may send
    messages.py    the day's content as a message, in no service's markup (pure)
    payloads.py    the message as a request of the target's kind, cut between papers to its limits (pure)
    sending.py     over HTTP, to an address that was checked; `mail.py` the same for SMTP
    answers.py     the answer: sent, not sent, or nobody knows (pure)

`kinds.py` is the table of services, `markups.py` how each writes links and escapes text.
"""
