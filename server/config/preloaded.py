"""What the server's first process has read, for the processes that it forks.

So the sources are asked once for each start and each reload, and a process that has to be replaced
does not depend on them.
"""

from server.config.settings import ServerSettings

settings: ServerSettings | None = None
