<#
.SYNOPSIS
    Let somebody send from a shared mailbox, or with another From address

.DESCRIPTION
    For the Relaywright profile “O’Brien’s invoices”, cloud: US Government DoD.

    What it changes:
    - Gives the application's service principal Send As on the From address.

    Who may run it:
    - An Exchange administrator.

    What it needs:
    - PowerShell 5.1 or newer, and Install-Module ExchangeOnlineManagement
    - The service principal in Exchange and its access to the mailbox, which the script
      app-registration makes.

    It looks at what is there first, leaves alone what is right already and may be run again. With
    -WhatIf it only says what it would do, with -Confirm it asks before each change. At the first
    error it stops. The last lines tell how everything is undone.

    Good to know:
    - From must be an address of a recipient in this organisation: a mailbox, a mail user, a contact
      or a group.

.NOTES
    Written by Relaywright from these sources, checked 2026-11-24:
    - Microsoft Learn, Add-RecipientPermission, Add-MailboxPermission, Connect-ExchangeOnline,
      office-docs-powershell of 2026-08-21 (documented)
    - Microsoft Learn, Authenticate an IMAP, POP or SMTP connection using OAuth, 2025-09-07
      (documented)
    The script was parsed with a PowerShell grammar. It was never run against a tenant: try it with
    -WhatIf first.
#>

#Requires -Version 5.1

[CmdletBinding(SupportsShouldProcess)]
param(
    # The mailbox that mail is sent from.
    [string] $Mailbox = 'invoices@contoso.com',

    # The application (client) id.
    [ValidatePattern('^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$')]
    [string] $ClientId = '00000000-0000-0000-0000-00000000000b',

    # The address in From.
    [string] $From = 'o''brien@contoso.com'
)

# Cmdlets of modules do not see a script's $ErrorActionPreference; a default for their parameter reaches them too.
$ErrorActionPreference = 'Stop'
$PSDefaultParameterValues = @{ '*:ErrorAction' = 'Stop' }
trap {
    Write-Host ''
    Write-Host 'Stopped at the first error. What was done before it stays. When the cause is gone, run the script again:'
    Write-Host 'what is right already is left alone. A new object may need some minutes before the next step finds it.'
    break
}

# Exchange Online
Connect-ExchangeOnline -ShowBanner:$false -ExchangeEnvironmentName 'O365USGovDoD'
$connection = Get-ConnectionInformation | Select-Object -Last 1
Write-Host "Connected to the tenant $($connection.TenantID) as $($connection.UserPrincipalName)."

# What is there
$target = Get-Mailbox -Identity $Mailbox
Write-Host "The mailbox is $($target.PrimarySmtpAddress) ($($target.RecipientTypeDetails))."
$recipient = Get-Recipient -Identity $From
Write-Host "From is $($recipient.PrimarySmtpAddress) ($($recipient.RecipientTypeDetails))."
# A wrong -Identity would give all service principals, so the list is searched instead.
$servicePrincipal = Get-ServicePrincipal | Where-Object { $_.AppId -eq $ClientId } | Select-Object -First 1
if (-not $servicePrincipal) { throw 'Exchange does not know this application yet: run the script app-registration first.' }
$Trustee = $servicePrincipal.Identity
$TrusteeName = 'The application'

# Send As.
$sends = Get-RecipientPermission -Identity $From -Trustee $Trustee -AccessRights SendAs -ErrorAction SilentlyContinue
if ($sends) {
    Write-Host "$TrusteeName may send as $From already."
}
elseif ($PSCmdlet.ShouldProcess($From, "Add-RecipientPermission: Send As for $TrusteeName")) {
    Add-RecipientPermission -Identity $From -Trustee $Trustee -AccessRights SendAs -Confirm:$false | Out-Null
    Write-Host "$TrusteeName may now send as $From."
}

Disconnect-ExchangeOnline -Confirm:$false
if ($WhatIfPreference) {
    Write-Host 'Nothing was changed.'
    return
}
Write-Host ''
Write-Host 'Relaywright needs nothing new for this. Try it with:'
Write-Host ('    relaywright send ' + '''O’’’’Brien’’’’s invoices''')

# Undo
#
#     Connect-ExchangeOnline -ExchangeEnvironmentName 'O365USGovDoD'
#     $application = Get-ServicePrincipal | Where-Object { $_.AppId -eq '00000000-0000-0000-0000-00000000000b' }
#     Remove-RecipientPermission -Identity 'o''brien@contoso.com' -Trustee $application.Identity -AccessRights SendAs
