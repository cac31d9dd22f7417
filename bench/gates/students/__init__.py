"""The gates of students."""
