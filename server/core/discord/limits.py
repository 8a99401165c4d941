"""Discord's limits, each counted in code points after trimming, all inclusive.

Sources: https://discord.com/developers/docs/resources/message#embed-object-embed-limits and
https://discord.com/developers/docs/components/reference, unless the line says otherwise.
"""

CONTENT = 2000  # Create Message, for a bot
EMBEDS = 10
EMBED_TITLE = 256
EMBED_DESCRIPTION = 4096
EMBED_FIELDS = 25
FIELD_NAME = 256
FIELD_VALUE = 1024
FOOTER_TEXT = 2048
AUTHOR_NAME = 256
EMBEDS_TOTAL = 6000  # titles, descriptions, field names and values, footers and authors together
EMBED_URL = 2048  # discord-api-spec, RichEmbed: not in the docs

ACTION_ROWS = 5
ROW_BUTTONS = 5
BUTTON_LABEL = 80
CUSTOM_ID = 100
BUTTON_URL = 512

# https://docs.discord.com/developers/interactions/application-commands
CHOICES = 25
CHOICE_TEXT = 100
