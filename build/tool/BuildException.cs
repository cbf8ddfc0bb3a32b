sealed class BuildException(string message) : Exception(message);
