"""Stand in for Discord: REST, gateway and a page that shows the channel, in one process.

`python -m playground.discord [--port 0] [--channel ID:NAME] [--no-limits] …` listens on loopback
only and says `Discord stand-in ready: http://127.0.0.1:PORT` once it does. The API is at
`/api/v10`, the gateway at `/gateway`, the channel's page at `/`, the request log at `/requests`.
`playground.discord.process` starts it from tests and gives orders; `playground.discord.rules`
tells what Discord would refuse without any process.

Everything starts with the token `playground-token` and the ids in `options`. Control endpoints
take and give JSON; a key they do not know is an error.

    POST   /control/reset                    back to the start, clock included
    GET    /control/clock                    {now, offset_seconds}
    POST   /control/clock                    {advance_seconds} or {offset_seconds}: ids, ages,
                                             windows and nonces follow; a negative offset makes
                                             messages that are old at once
    GET    /control/limits
    PATCH  /control/limits                   {messages, deletes, webhooks, old_edits, global:
                                             "5/5", "5/5 sliding" or "off"; old_after_seconds,
                                             nonce_window_seconds}
    PUT    /control/token                    {revoked: true}: 401 everywhere, 4004 at the gateway
    GET    /control/channels
    PUT    /control/channels/ID              {name, type, topic, archived, locked, parent_id,
                                             overwrites,
                                             deny: ["VIEW_CHANNEL", "SEND_MESSAGES", …]}
    DELETE /control/channels/ID              404/10003 from now on
    GET    /control/messages?channel_id=     all, deleted ones too, with every version they had
    POST   /control/messages                 {channel_id, content, author_id}: a person writes
    DELETE /control/messages/ID              a person deletes
    GET    /control/requests?after=&limit=&method=&route=
    GET    /control/refusals                 requests whose payload was refused, faults left out
    GET    /control/counts                   statuses, routes, 429s by scope, invalid requests
    GET    /control/commands                 by scope: the guild's id, or "global"
    POST   /control/interactions             {type, data, channel_id, message_id, user_id,
                                             member_permissions}: gives the body to be signed
    GET    /control/interactions/TOKEN       what became of it
    POST   /control/press                    {message_id, custom_id}: the visitor of the page, who
                                             has Manage Server, presses a button; it is signed and
                                             goes to the interactions endpoint, whose answer is
                                             taken: {problem}, "" if there is none
    GET    /control/gateway                  counts of connections, IDENTIFYs, RESUMEs; presence,
                                             sessions, the codes clients closed by
    POST   /control/gateway                  {do: close (code, reason), drop, reconnect or
                                             invalidate (resumable)}: to every connection
    PATCH  /control/gateway                  {accepts, acks_heartbeats, identify_close (a code),
                                             heartbeat_interval_seconds}: from now on
    GET    /control/faults                   with the hits of each
    POST   /control/faults                   see below
    DELETE /control/faults[/ID]

A fault hits the next request that matches `method`, `route` (as in the request log) and
`channel_id`; after `skip` matching ones, `times` times (default 1, 0: until cleared) or
`for_seconds`. `when` is `before` (default) or `after` the request took effect. `do` is

    answer   JSON error: status, code, message, errors, headers
    page     HTML error: status, html, headers
    reset    the connection
    slow     answer as usual, `seconds` late (any other kind may carry `seconds` as well)
    limit    429: scope user, sublimit, shared, global or cloudflare; retry_after, code. With
             `for_seconds`, retry_after counts down to the fault's end
    revert   a PATCH is answered as usual and undone `seconds` later

Requests, messages and versions are kept within bounds (`--keep-requests`, `--keep-messages`);
what was forgotten is counted.
"""
