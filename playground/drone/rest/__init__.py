"""Stand in for a Drone server's REST API, with builds that really run, in one process.

`python -m playground.drone.rest [--port 0] [--speed 1] [--webhook-endpoint URL] …` listens on
loopback only and says `Drone stand-in ready: http://127.0.0.1:PORT` once it does. The API is where
Drone has it, at `/api`. `playground.drone.rest.process` starts it from tests and gives orders.

There are the repositories of `playground.drone.world` and three accounts, whose tokens are in
`accounts`: `octocat`, who administers the server and every repository; `ada`, an ordinary person
who may write to octocat/hello-world and read acme/shop; and `bridge`, a machine that administers
the server, may do everything and, as the SCM knows no machine, has no repositories of its own:
`/api/user/repos` and `/api/user/builds/recent` are empty for it.

Time is simulated. It passes at `--speed` simulated seconds a second; at 0, the default, by order
only, so that a test decides what has happened. Webhooks go out in order, signed, and nobody waits
for their answers; without an endpoint they are lost. A build begins two simulated seconds after
it was made and its steps take what their plan says, ten seconds by default.

Control endpoints take and give JSON; a key they do not know is an error.

    POST   /control/reset                    back to the start
    GET    /control/time                     {now, elapsed, speed}
    PATCH  /control/time                     {speed}
    POST   /control/time                     {seconds, lost}: let simulated seconds pass at once,
                                             without `seconds` all that is left to happen;
                                             `lost` loses the webhooks of what happens
    GET    /control/webhooks                 [{event, action, subject, status, is_lost, answer}],
                                             after those on their way were answered
    PUT    /control/webhooks                 {endpoint, secret, lost}: from now on
    POST   /control/scenarios                {scenarios: [name, …] of `playground.drone.scenarios`,
                                             age_seconds: as if they had begun so long ago, again:
                                             whenever nothing happens any more}
    POST   /control/builds                   {slug, event, branch, message, blocked, error (of the
                                             configuration), age_seconds, late (of `created`),
                                             columns: {any of rows.Build}, stages: [{name,
                                             depends_on, on_success, on_failure, refusal,
                                             queue_seconds, steps: [{name, seconds, exit_code,
                                             error, ignored, when, image, detached, after, log
                                             (a text)}]}]}: gives the build
    PATCH  /control/builds/NS/NAME/NUMBER    any columns of the build, stages: [{number, …columns,
                                             steps: [{number, …columns}]}]; without a webhook
    DELETE /control/builds/NS/NAME/NUMBER    purge it
    PUT    /control/builds/NS/NAME/NUMBER/logs/STAGE/STEP    [{pos, out, time}], or null
    DELETE /control/builds/NS/NAME/NUMBER/logs/STAGE/STEP    as before it was handed in
    PUT    /control/repos/NS/NAME            any columns of rows.Repo; another slug renames it
    DELETE /control/repos/NS/NAME            with Drone's webhook
    PUT    /control/accounts/LOGIN           {token, admin, active, machine, revoked, permissions:
                                             {slug: none, read, write or admin}}
    GET    /control/requests?after=&method=&route=
                                             [{number, at, method, route, path, query, account,
                                             is_authorized, status, message, fault, agent}]; the
                                             account of a guest is ""
    GET    /control/counts                   {requests, statuses, routes, most_in_a_second}
    GET    /control/faults                   with the hits of each
    POST   /control/faults                   see below
    DELETE /control/faults[/ID]

A fault hits the next request that matches `method`, `route` (as in the request log) and `path`;
after `skip` matching ones, `times` times (default 1, 0: until cleared) or `for_seconds`. `when` is
`before` (default) or `after` the request took effect. `do` is

    answer   JSON: status (default 500), message or any body, headers; `{"status": 200, "body":
             null}` is Drone's answer when it began nothing, 409 that somebody was faster
    page     HTML of a proxy: status, headers
    reset    the connection
    slow     answer as usual, `seconds` late (any other kind may carry `seconds` as well)
    hang     say nothing for `seconds`, an hour by default, then reset the connection
    cut      break off in the middle of the answer
    drip     answer byte by byte, `seconds` between two

Other than Drone, it does not wait for the receiver of its webhooks, knows no live stream, and
gives no answer where it has no route but 404.
"""
