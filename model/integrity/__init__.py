"""What makes a checkpoint directory trustworthy: its manifest, and checks of every file before anything is loaded."""
