"""The way in for Cloud Run while a container gets its processor for requests alone.

`gunicorn --config server/gunicorn.conf.py server.hosts.cloud_run:app`
"""

from server.hosts import inline

server = inline.make().server
app = server.app
