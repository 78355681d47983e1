# send-drop.ps1 FOLDER: sends the files of a folder as one drop with the sftp.exe of Windows, then waits for the report.
#
# Exit code: 0 accepted, 1 rejected (the report is printed), 2 not sent, 3 sent, but no verdict yet.
param([Parameter(Mandatory = $true)][string]$Folder)
$ErrorActionPreference = 'Stop'

# --- yours to fill in, as the receiving side told you
$server = 'sftp.example.org'
$port = 22
$account = 'lakeview'
$upload = 'upload'
$key = 'C:\ProgramData\send-drop\key'          # private key without a passphrase, readable by this account alone
$knownHosts = 'C:\ProgramData\send-drop\hosts' # the server's key, and no other; no space in this path
$tries = 3
$pauseSeconds = 60
$waitSeconds = 1800                             # for the report; 0: don't wait

function Say([string]$text) {
    [Console]::Error.WriteLine("$(Get-Date -Format 'yyyy-MM-dd HH:mm:ss') $text")
}

# Runs lines of sftp in a local folder; whether all went well. A line that begins with a hyphen may fail.
function Invoke-Sftp([string]$at, [string[]]$lines) {
    $batch = Join-Path $scratch 'batch'
    [IO.File]::WriteAllText($batch, ($lines -join "`n") + "`n")
    $options = @('-b', $batch, '-P', $port, '-i', $key, '-o', 'IdentitiesOnly=yes', '-o', 'StrictHostKeyChecking=yes')
    $options += @('-o', "UserKnownHostsFile=$knownHosts", '-o', 'ConnectTimeout=20', '-o', 'ServerAliveInterval=15')
    Push-Location -LiteralPath $at
    try { sftp.exe @options "$account@$server" | Out-Null } finally { Pop-Location }
    return $LASTEXITCODE -eq 0
}

# As this epoch: the directory, the files, and when all of them are there COMPLETE.
function Send-Drop([string]$epoch, [string[]]$names) {
    $lines = @("mkdir $upload/$epoch") # fails if there is one already: nothing is ever overwritten
    foreach ($name in $names) { $lines += "put `"$name`" `"$upload/$epoch/$name`"" }
    $lines += "-chmod 660 $upload/$epoch/*" # the receiver must be able to read what is private here
    return (Invoke-Sftp $Folder $lines) -and (Invoke-Sftp $scratch @("put COMPLETE $upload/$epoch/COMPLETE"))
}

# The exit code that goes with the report of this epoch, as soon as there is one.
function Wait-Verdict([string]$epoch) {
    $end = (Get-Date).AddSeconds($waitSeconds)
    while (-not (Invoke-Sftp $scratch @("get $upload/results/$epoch.txt report"))) {
        if ((Get-Date) -gt $end) {
            Say "no report of $epoch yet: look into $upload/results later"
            return 3
        }
        Start-Sleep -Seconds 15
    }
    $report = [IO.File]::ReadAllText((Join-Path $scratch 'report'))
    [Console]::Out.Write($report)
    if ($report.StartsWith('ACCEPTED')) { return 0 }
    if ($report.StartsWith('REJECTED') -or $report.StartsWith('This drop was not loaded')) { return 1 }
    return 3 # on hold, or trouble on the receiving side: its first line says which
}

function Send-WithTries([string[]]$names) {
    foreach ($try in 1..$tries) {
        # a new name for each try, nothing is mixed with an older one
        $epoch = (Get-Date).ToUniversalTime().ToString('yyyyMMdd-HHmmss', [Globalization.CultureInfo]::InvariantCulture)
        if (Send-Drop $epoch $names) { return $epoch }
        Say "try $try of ${tries}: $epoch was not sent"
        if ($try -lt $tries) { Start-Sleep -Seconds $pauseSeconds }
    }
    return ''
}

$scratch = (New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid()))).FullName
try {
    [IO.File]::WriteAllText((Join-Path $scratch 'COMPLETE'), '')
    $names = @(Get-ChildItem -LiteralPath $Folder -File | Where-Object Name -ne 'COMPLETE' | ForEach-Object Name)
    $odd = @($names | Where-Object { $_ -notmatch '^[A-Za-z0-9][A-Za-z0-9._ -]*$' })
    if ($odd.Count -gt 0) { Say "a file has odd characters in its name: $($odd[0])"; exit 2 }
    if ($names.Count -eq 0) { Say "there is no file in $Folder"; exit 2 }
    $epoch = Send-WithTries $names
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
