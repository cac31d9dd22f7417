"""The gates of the generator that lies beside a bundle."""
