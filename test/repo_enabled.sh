# shellcheck shell=bash
# Post repo:enabled (a repository was activated), signed as Drone signs it:
#   source test/repo_enabled.sh   or   bash test/repo_enabled.sh
# DRONE_WEBHOOK_SECRET and BRIDGE_URL may be set; see sign_and_post.sh.
(
    . "$(dirname -- "${BASH_SOURCE[0]:-$0}")/sign_and_post.sh"
    sign_and_post repo <<JSON
{"event":"repo","action":"enabled","user":{"id":1,"login":"octocat","email":"octocat@example.com","machine":false,"admin":true,"active":true,"avatar":"https://avatars.example.com/octocat.png","syncing":false,"synced":1767139200,"created":1732665600,"updated":1764633600,"last_login":1767139200},"repo":{"id":42,"uid":"367000042","user_id":1,"namespace":"acme","name":"website","slug":"acme/website","scm":"","git_http_url":"https://git.example.com/acme/website.git","git_ssh_url":"git@git.example.com:acme/website.git","link":"https://git.example.com/acme/website","default_branch":"main","private":false,"visibility":"public","active":true,"config_path":".drone.yml","trusted":false,"protected":false,"ignore_forks":false,"ignore_pull_requests":false,"auto_cancel_pull_requests":false,"auto_cancel_pushes":true,"auto_cancel_running":true,"timeout":60,"counter":0,"synced":1767139200,"created":1741305600,"updated":1765497600,"version":4,"archived":false},"system":{"proto":"https","host":"drone.example.com","link":"https://drone.example.com","version":"2.25.0"}}
JSON
)
