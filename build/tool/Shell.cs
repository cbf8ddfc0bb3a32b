using System.Diagnostics;

static class Shell
{
    public static int Run(string root, string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = root })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    public static int Dotnet(string root, params string[] arguments) => Run(root, "dotnet", arguments);

    public static string Capture(string root, out int code, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        code = process.ExitCode;
        return output + errors.Result;
    }
}
