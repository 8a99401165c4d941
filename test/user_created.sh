# shellcheck shell=bash
# Post user:created (an account was created), signed as Drone signs it:
#   source test/user_created.sh   or   bash test/user_created.sh
# DRONE_WEBHOOK_SECRET and BRIDGE_URL may be set; see sign_and_post.sh.
(
    . "$(dirname -- "${BASH_SOURCE[0]:-$0}")/sign_and_post.sh"
    sign_and_post user <<JSON
{"event":"user","action":"created","user":{"id":1000,"login":"hubot","email":"hubot@example.com","machine":false,"admin":false,"active":true,"avatar":"https://avatars.example.com/hubot.png","syncing":false,"synced":0,"created":1767225600,"updated":1767225600,"last_login":0},"system":{"proto":"https","host":"drone.example.com","link":"https://drone.example.com","version":"2.25.0"}}
JSON
)
