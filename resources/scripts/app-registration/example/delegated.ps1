<#
.SYNOPSIS
    Register an application that may send mail by SMTP

.DESCRIPTION
    For the Relaywright profile “Scanner, 2nd floor”, cloud: Worldwide and GCC.

    What it changes:
    - Registers an application for this organisation only (single tenant), with its Enterprise
      application.
    - Its redirect addresses are http://localhost (browser) and that of Windows' account broker;
      public client flows are allowed, which device codes need.
    - Registers the delegated permission SMTP.Send and consents to it for the organisation
      (-NoConsent leaves the consent out).
    - In Exchange Online (-Part Exchange): SMTP AUTH on for the mailbox; for another account that
      signs in, full access to the mailbox; for an account that sends as another address, Send As.

    Who may run it:
    - -Part Registration: a Cloud Application Administrator or Application Administrator.
    - -Part Exchange: an Exchange administrator.

    What it needs:
    - PowerShell 5.1 or newer.
    - -Part Registration: Install-Module Microsoft.Graph.Authentication,
      Microsoft.Graph.Applications, Microsoft.Graph.Identity.SignIns
    - -Part Exchange: Install-Module ExchangeOnlineManagement

    It looks at what is there first, leaves alone what is right already and may be run again. With
    -WhatIf it only says what it would do, with -Confirm it asks before each change. At the first
    error it stops. The last lines tell how everything is undone.

    Good to know:
    - The two parts run in two PowerShell windows: the Microsoft Graph and the Exchange Online
      module fail to sign in within one session.
    - A consent for the organisation lets every user use the application, each as themselves. To
      restrict that, require user assignment in the Enterprise application's properties.
    - Microsoft's pages do not agree under which API SMTP.Send is registered, Office 365 Exchange
      Online or Microsoft Graph: the script takes the first that publishes it.
    - That SMTP AUTH must be on for sign-ins with OAuth, and which permissions another account needs
      on a shared mailbox, is known from users' reports.

.NOTES
    Written by Relaywright from these sources, checked 2026-11-24:
    - Microsoft Learn, Authenticate an IMAP, POP or SMTP connection using OAuth, 2025-09-07
      (documented)
    - Microsoft Learn, Grant tenant-wide admin consent to an application, 2024-11-29 (documented)
    - Microsoft Learn, Microsoft Graph PowerShell: Connect-MgGraph, New-/Update-MgApplication
      (2026-01-30), New-MgServicePrincipal, Add-MgApplicationPassword (documented)
    - Microsoft Learn, Exchange Online PowerShell reference, office-docs-powershell of 2026-08-21
      (documented)
    - MSAL Python 1.39, PublicClientApplication (address of the account broker) (documented)
    - Microsoft Learn, Authenticate an IMAP, POP or SMTP connection using OAuth, 2020-02-19, read
      through a copy at blog.csdn.net (SMTP.Send under Microsoft Graph) (mirrored)
    - GitHub, microsoftgraph/msgraph-sdk-powershell issue 3394, comment of 2026-09-21 (both modules
      in one session) (reported)
    - GitHub, simonrob/email-oauth2-proxy issue 193 and jstedfast/MailKit issue 700 (SMTP AUTH and
      OAuth) (reported)
    The script was parsed with a PowerShell grammar. It was never run against a tenant: try it with
    -WhatIf first.
#>

#Requires -Version 5.1

[CmdletBinding(SupportsShouldProcess)]
param(
    # Registration: Microsoft Entra. Exchange: Exchange Online, afterwards, in a new PowerShell window.
    [ValidateSet('Registration', 'Exchange')]
    [string] $Part = 'Registration',

    # The tenant's id or one of its domains. Empty: the tenant of whoever signs in.
    [string] $TenantId = 'contoso.onmicrosoft.com',

    # The application (client) id of a registration to use. Empty: one is looked for by its name, and made if missing.
    [ValidatePattern('^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$')]
    [string] $ClientId = '',

    [string] $DisplayName = 'Relaywright: Scanner, 2nd floor',

    # The mailbox that mail is sent from: the user= of the sign-in.
    [string] $Mailbox = 'scan@contoso.com',

    # Leave the consent to an administrator with the address that is shown at the end.
    [switch] $NoConsent
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

if ($Part -eq 'Registration') {
    # Microsoft Entra
    $connect = @{
        Environment = 'Global'
        Scopes      = 'Application.ReadWrite.All', 'DelegatedPermissionGrant.ReadWrite.All'
        NoWelcome   = $true
    }
    if ($TenantId) { $connect.TenantId = $TenantId }
    Connect-MgGraph @connect
    $context = Get-MgContext
    Write-Host "Connected to the tenant $($context.TenantId) as $($context.Account)."

    # The permission's id differs from cloud to cloud; it is looked up by its name.
    # Office 365 Exchange Online, then Microsoft Graph: the first that publishes it is taken.
    $permissionName = 'SMTP.Send'
    $permission = $null
    foreach ($resourceAppId in '00000002-0000-0ff1-ce00-000000000000', '00000003-0000-0000-c000-000000000000') {
        $resource = Get-MgServicePrincipal -Filter "appId eq '$resourceAppId'" -Property 'Id,AppId,DisplayName,Oauth2PermissionScopes'
        $permission = $resource.Oauth2PermissionScopes |
            Where-Object { $_.Value -eq $permissionName } |
            Select-Object -First 1
        if ($permission) { break }
    }
    $permissionType = 'Scope'
    if (-not $permission) {
        throw "This tenant has no permission $permissionName. Does it have Exchange Online?"
    }
    Write-Host "$permissionName of $($resource.DisplayName) has the id $($permission.Id)."

    # The registration
    if ($ClientId) {
        $found = @(Get-MgApplication -Filter "appId eq '$ClientId'")
        if ($found.Count -eq 0) { throw "This tenant has no registration with the client id $ClientId." }
    }
    else {
        $filterName = $DisplayName.Replace("'", "''")
        $found = @(Get-MgApplication -Filter "displayName eq '$filterName'")
        if ($found.Count -gt 1) { throw "Several registrations are named '$DisplayName'. Choose one with -ClientId." }
    }
    $application = $found | Select-Object -First 1
    if ($application) {
        Write-Host "The registration is there: $($application.DisplayName), client id $($application.AppId)."
    }
    elseif ($PSCmdlet.ShouldProcess($DisplayName, 'New-MgApplication: register, for this organisation only')) {
        $application = New-MgApplication -DisplayName $DisplayName -SignInAudience 'AzureADMyOrg' -Confirm:$false
        Write-Host "Registered: client id $($application.AppId)."
    }
    elseif (-not $WhatIfPreference) {
        throw 'Without the registration nothing further can be done.'
    }

    # Redirect addresses and public client flows
    $redirects = @('http://localhost')
    if ($application) { $redirects += "ms-appx-web://Microsoft.AAD.BrokerPlugin/$($application.AppId)" }
    $present = @($application.PublicClient.RedirectUris | Where-Object { $_ })
    $missing = @($redirects | Where-Object { $_ -notin $present })
    if ($missing.Count -eq 0 -and $application.IsFallbackPublicClient) {
        Write-Host 'The redirect addresses and public client flows are right already.'
    }
    elseif ($PSCmdlet.ShouldProcess($DisplayName, "Update-MgApplication: add $($missing -join ', '); allow public client flows")) {
        # What is registered already is sent again: the list is replaced as a whole.
        $publicClient = @{ RedirectUris = @($present + $missing) }
        Update-MgApplication -ApplicationId $application.Id -PublicClient $publicClient -IsFallbackPublicClient -Confirm:$false
        Write-Host 'Redirect addresses and public client flows are set.'
    }

    # The permission
    $access = @($application.RequiredResourceAccess | Where-Object { $_ })
    $ofResource = @($access | Where-Object { $_.ResourceAppId -eq $resource.AppId } | ForEach-Object { $_.ResourceAccess } |
            ForEach-Object { @{ Id = $_.Id; Type = $_.Type } })
    $registered = [bool] ($ofResource | Where-Object { "$($_.Id)" -eq "$($permission.Id)" -and $_.Type -eq $permissionType })
    if ($registered) {
        Write-Host "The permission $permissionName is registered already."
    }
    elseif ($PSCmdlet.ShouldProcess($DisplayName, "Update-MgApplication: register the permission $permissionName")) {
        # What is registered already is sent again: the list is replaced as a whole.
        $others = @($access | Where-Object { $_.ResourceAppId -ne $resource.AppId } | ForEach-Object {
                @{
                    ResourceAppId  = $_.ResourceAppId
                    ResourceAccess = @($_.ResourceAccess | ForEach-Object { @{ Id = $_.Id; Type = $_.Type } })
                }
            })
        $ofResource += @{ Id = $permission.Id; Type = $permissionType }
        $others += @{ ResourceAppId = $resource.AppId; ResourceAccess = $ofResource }
        Update-MgApplication -ApplicationId $application.Id -RequiredResourceAccess $others -Confirm:$false
        Write-Host "The permission $permissionName is registered."
    }

    # The Enterprise application (service principal)
    $principal = $null
    if ($application) {
        $principal = Get-MgServicePrincipal -Filter "appId eq '$($application.AppId)'" | Select-Object -First 1
    }
    if ($principal) {
        Write-Host "The Enterprise application is there: object id $($principal.Id)."
    }
    elseif ($PSCmdlet.ShouldProcess($DisplayName, 'New-MgServicePrincipal: make the Enterprise application')) {
        $principal = New-MgServicePrincipal -AppId $application.AppId -Confirm:$false
        Write-Host "The Enterprise application was made: object id $($principal.Id)."
    }
    elseif (-not $WhatIfPreference) {
        throw 'Without the Enterprise application nothing further can be done.'
    }

    # The consent
    $grant = $null
    if ($principal) {
        $grant = Get-MgOauth2PermissionGrant -Filter "clientId eq '$($principal.Id)' and consentType eq 'AllPrincipals'" -All |
            Where-Object { $_.ResourceId -eq $resource.Id } |
            Select-Object -First 1
    }
    $granted = @("$($grant.Scope)".Split(' ') | Where-Object { $_ })
    if ($permissionName -in $granted) {
        Write-Host "There is a consent to $permissionName already."
    }
    elseif (-not $NoConsent -and $PSCmdlet.ShouldProcess($DisplayName, "consent to $permissionName for the organisation")) {
        if ($grant) {
            Update-MgOauth2PermissionGrant -OAuth2PermissionGrantId $grant.Id -Scope ("$($granted -join ' ') $permissionName") -Confirm:$false
        }
        else {
            $consent = @{ ClientId = $principal.Id; ConsentType = 'AllPrincipals'; ResourceId = $resource.Id; Scope = $permissionName }
            New-MgOauth2PermissionGrant -BodyParameter $consent -Confirm:$false | Out-Null
        }
        Write-Host "Consented to $permissionName for the organisation."
    }

    if (-not $principal) {
        Write-Host 'Nothing was changed.'
        return
    }

    Write-Host ''
    Write-Host 'For Relaywright:'
    Write-Host "    Tenant                   $($context.TenantId)"
    Write-Host "    Application (client) id  $($application.AppId)"
    Write-Host 'or, on its command line:'
    Write-Host ('    relaywright profile set ' + '''Scanner, 2nd floor''' + " tenant=$($context.TenantId) client_id=$($application.AppId)")
    Write-Host ''
    Write-Host 'Where the consent was not given here, an administrator gives it at (it ends on a page of this computer that does not open):'
    Write-Host ('    ' + 'https://login.microsoftonline.com' + "/$($context.TenantId)/v2.0/adminconsent?client_id=$($application.AppId)" + '&scope=https%3A%2F%2Foutlook.office.com%2FSMTP.Send%20openid%20profile%20offline_access&redirect_uri=http%3A%2F%2Flocalhost')
    Write-Host ''
    Write-Host 'Next, in a NEW PowerShell window:'
    $next = "    & '$($PSCommandPath.Replace("'", "''"))' -Part Exchange -TenantId $($context.TenantId)"
    Write-Host $next
    Disconnect-MgGraph | Out-Null
    return
}

# Exchange Online
Connect-ExchangeOnline -ShowBanner:$false
$connection = Get-ConnectionInformation | Select-Object -Last 1
Write-Host "Connected to the tenant $($connection.TenantID) as $($connection.UserPrincipalName)."
if ($TenantId -and $TenantId -as [guid] -and $TenantId -ne "$($connection.TenantID)") {
    throw "This is another tenant than $TenantId. Sign in with an account of that one."
}

# The mailbox
$target = Get-Mailbox -Identity $Mailbox
Write-Host "The mailbox is $($target.PrimarySmtpAddress) ($($target.RecipientTypeDetails))."

# SMTP AUTH for this mailbox. Sign-ins with OAuth need it too. $null means: as the organisation has it.
$setting = (Get-CASMailbox -Identity $Mailbox).SmtpClientAuthenticationDisabled
$organisation = (Get-TransportConfig).SmtpClientAuthenticationDisabled
if ($setting -eq $false -or ($null -eq $setting -and $organisation -eq $false)) {
    Write-Host "SMTP AUTH is on for $Mailbox already."
}
elseif ($PSCmdlet.ShouldProcess($Mailbox, 'Set-CASMailbox: switch SMTP AUTH on')) {
    Set-CASMailbox -Identity $Mailbox -SmtpClientAuthenticationDisabled $false -Confirm:$false
    $before = if ($null -eq $setting) { '$null' } else { '$true' }
    Write-Host "SMTP AUTH is now on for $Mailbox. Before, the setting was $before."
}

Disconnect-ExchangeOnline -Confirm:$false
if ($WhatIfPreference) {
    Write-Host 'Nothing was changed.'
    return
}
Write-Host ''
Write-Host 'Done. Try it with:'
Write-Host ('    relaywright sign-in ' + '''Scanner, 2nd floor''')
Write-Host ('    relaywright token ' + '''Scanner, 2nd floor''')
Write-Host ('    relaywright check ' + '''Scanner, 2nd floor''')

# Undo
#
# In Exchange Online:
#     Connect-ExchangeOnline
#     Set-CASMailbox -Identity 'scan@contoso.com' -SmtpClientAuthenticationDisabled <what it was before: $null or $true>
#
# In a new window, in Microsoft Entra. Only when this script made the registration: the Enterprise application, the
# consent and every credential go with it, and whatever else uses it stops.
#     Connect-MgGraph -Environment 'Global' -Scopes 'Application.ReadWrite.All'
#     Remove-MgApplication -ApplicationId (Get-MgApplication -Filter "appId eq '<client id>'").Id
