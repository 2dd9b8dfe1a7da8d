// The second wall between tenants (the first: the collections' rules). It holds even when a rule is wrong or empty.

onRecordsListRequest((e) => require(`${__hooks}/guard.js`).record(e));
onRecordViewRequest((e) => require(`${__hooks}/guard.js`).record(e));
onRecordCreateRequest((e) => require(`${__hooks}/guard.js`).create(e));
onRecordUpdateRequest((e) => require(`${__hooks}/guard.js`).update(e));
onRecordDeleteRequest((e) => require(`${__hooks}/guard.js`).remove(e));
onRecordAuthRefreshRequest((e) => require(`${__hooks}/guard.js`).record(e));
onFileDownloadRequest((e) => require(`${__hooks}/guard.js`).file(e));
onRealtimeSubscribeRequest((e) => require(`${__hooks}/guard.js`).subscribe(e));
onRealtimeMessageSend((e) => require(`${__hooks}/guard.js`).message(e));

onRecordAuthWithPasswordRequest((e) => require(`${__hooks}/guard.js`).signIn(e));
onRecordAuthWithOAuth2Request((e) => require(`${__hooks}/guard.js`).signIn(e));
onRecordRequestOTPRequest((e) => require(`${__hooks}/guard.js`).signIn(e));
onRecordAuthWithOTPRequest((e) => require(`${__hooks}/guard.js`).signIn(e));
onRecordRequestPasswordResetRequest((e) => require(`${__hooks}/guard.js`).signIn(e));
onRecordConfirmPasswordResetRequest((e) => require(`${__hooks}/guard.js`).signIn(e));
onRecordRequestVerificationRequest((e) => require(`${__hooks}/guard.js`).signIn(e));
onRecordConfirmVerificationRequest((e) => require(`${__hooks}/guard.js`).signIn(e));
onRecordRequestEmailChangeRequest((e) => require(`${__hooks}/guard.js`).signIn(e));
onRecordConfirmEmailChangeRequest((e) => require(`${__hooks}/guard.js`).signIn(e));
