def handle(event, context):
    print "x"
