"""Where the bot is installed, when any workspace can install it: kept in a database, encrypted."""
