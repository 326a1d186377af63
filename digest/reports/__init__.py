"""What is said about listings: receipts, status, outcomes of a refresh."""
