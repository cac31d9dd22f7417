"""The page of `pocketrag report`: what reports hold, section by section, and how it is drawn."""
