"""What an app carries of a bundle, and the Maven repository that brings it."""
