"""What we know: builds, repositories, accounts, pushed messages."""
