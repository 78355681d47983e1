# send-drop-winscp.ps1 FOLDER: sends the files of a folder as one drop with WinSCP, then waits for the report.
#
# The two WinSCP scripts, send-drop-winscp.txt and fetch-report-winscp.txt, lie beside it.
#
# Exit code: 0 accepted, 1 rejected (the report is printed), 2 not sent, 3 sent, but no verdict yet.
param([Parameter(Mandatory = $true)][string]$Folder)
$ErrorActionPreference = 'Stop'

# --- yours to fill in, as the receiving side told you
$winscp = 'C:\Program Files (x86)\WinSCP\WinSCP.com'
$server = 'sftp.example.org'
$port = 22
$hostKey = 'ssh-ed25519 255 PUT-THE-FINGERPRINT-HERE' # as the receiving side told it, without the word SHA256:
$account = 'lakeview'
$upload = 'upload'
$key = 'C:\ProgramData\send-drop\key.ppk' # private key without a passphrase, readable by this account alone
$tries = 3
$pauseSeconds = 60
$waitSeconds = 1800 # for the report; 0: don't wait

function Say([string]$text) {
    [Console]::Error.WriteLine("$(Get-Date -Format 'yyyy-MM-dd HH:mm:ss') $text")
}

# Runs a WinSCP script that lies beside this one; whether all went well.
function Invoke-WinScp([string]$script, [string[]]$more) {
    $login = "sftp://$account@${server}:$port/"
    $path = Join-Path $PSScriptRoot $script
    & $winscp /ini=nul "/script=$path" "/log=$scratch\winscp.log" /parameter // $login $hostKey $key @more | Out-Null
    return $LASTEXITCODE -eq 0
}

# As this epoch: the directory, the files, and when all of them are there COMPLETE.
function Send-Drop([string]$epoch) {
    $complete = Join-Path $scratch 'COMPLETE'
    $sent = Invoke-WinScp 'send-drop-winscp.txt' @($Folder.TrimEnd('\'), "$upload/$epoch", $complete)
    if (-not $sent) { Get-Content (Join-Path $scratch 'winscp.log') -Tail 20 | ForEach-Object { Say $_ } }
    return $sent
}

# The exit code that goes with the report of this epoch, as soon as there is one.
function Wait-Verdict([string]$epoch) {
    $end = (Get-Date).AddSeconds($waitSeconds)
    $file = Join-Path $scratch 'report'
    while (-not (Invoke-WinScp 'fetch-report-winscp.txt' @("$upload/results/$epoch.txt", $file))) {
        if ((Get-Date) -gt $end) {
            Say "no report of $epoch yet: look into $upload/results later"
            return 3
        }
        Start-Sleep -Seconds 15
    }
    $report = [IO.File]::ReadAllText($file)
    [Console]::Out.Write($report)
    if ($report.StartsWith('ACCEPTED')) { return 0 }
    if ($report.StartsWith('REJECTED') -or $report.StartsWith('This drop was not loaded')) { return 1 }
    return 3 # on hold, or trouble on the receiving side: its first line says which
}

function Send-WithTries {
    foreach ($try in 1..$tries) {
        # a new name for each try, nothing is mixed with an older one
        $epoch = (Get-Date).ToUniversalTime().ToString('yyyyMMdd-HHmmss', [Globalization.CultureInfo]::InvariantCulture)
        if (Send-Drop $epoch) { return $epoch }
        Say "try $try of ${tries}: $epoch was not sent"
        if ($try -lt $tries) { Start-Sleep -Seconds $pauseSeconds }
    }
    return ''
}

$scratch = (New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid()))).FullName
try {
    [IO.File]::WriteAllText((Join-Path $scratch 'COMPLETE'), '')
    $names = @(Get-ChildItem -LiteralPath $Folder -File | ForEach-Object Name)
    if ($names -contains 'COMPLETE') { Say 'take COMPLETE away from the folder: this script sends its own'; exit 2 }
    if ($names.Count -eq 0) { Say "there is no file in $Folder"; exit 2 }
    $epoch = Send-WithTries
    if ($epoch -eq '') { Say 'nothing was sent'; exit 2 }
    Say "sent ${epoch}: $($names.Count) files"
    if ($waitSeconds -eq 0) { exit 0 }
    exit (Wait-Verdict $epoch)
} catch {
    Say "broke off: $_"
    exit 2
} finally {
    Remove-Item -LiteralPath $scratch -Recurse -Force
}
